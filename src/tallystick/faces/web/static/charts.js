// Charts: each figure[data-chart] names where its Vega-Lite specification is, and its data-mark what is in it.
import { onShade, shade } from "./themes.js";

const OPTIONS = {
  // No eval, which the page's policy forbids, and no style of its own.
  ast: true,
  actions: false,
  renderer: "svg",
  defaultStyle: false,
  tooltip: { disableDefaultStyle: true },
  // A drawing is one image to who cannot see it: the table beside it tells the figures.
  config: { aria: false },
  // Errors only: that a day has no price is no trouble of the chart.
  logLevel: 1,
};
const AHEAD = 4;
const IDLE_MS = 25;
/** For so long charts are drawn one after another before what a person does gets its turn. */
const BUSY_MS = 100;
/** Pixels of a letter in a legend, on average, and of what stands beside a label there. */
const LETTER = 6.2;
const BESIDE = 30;

const drawings = new Map();
const tried = new WeakMap();
const asked = new WeakMap();
const near = new Set();
let loading;
let drawing = false;
let hurry = false;

const watch = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) near.add(entry.target);
      else near.delete(entry.target);
    }
    work();
  },
  { rootMargin: "100px" },
);
const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) fit(target);
});

/** Draws all charts, those in view first, and again when the theme is another one. */
export function begin() {
  onShade(refresh);
  addEventListener("beforeprint", print);
  addEventListener("afterprint", printed);
  refresh();
}

/** Draws what is new or shows something else by now. */
export function refresh() {
  for (const [figure, { result }] of drawings) {
    if (figure.isConnected) continue;
    result.finalize();
    drawings.delete(figure);
    near.delete(figure);
  }
  // Who watches tells at once what is in view, and work begins.
  for (const figure of due()) {
    watch.unobserve(figure);
    watch.observe(figure);
  }
}

function due() {
  return [...document.querySelectorAll("figure[data-chart]")].filter((figure) => tried.get(figure) !== key(figure));
}

function key(figure) {
  return `${shade()} ${figure.dataset.mark} ${figure.dataset.chart}`;
}

async function work() {
  if (drawing) return;
  drawing = true;
  let rested = performance.now();
  try {
    for (;;) {
      const left = due();
      const order = [...left.filter((figure) => near.has(figure)), ...left.filter((figure) => !near.has(figure))];
      if (!order.length) return;
      for (const figure of order.slice(0, AHEAD)) specification(figure).catch(() => {});
      await draw(order[0]);
      if (hurry || performance.now() - rested < BUSY_MS) continue;
      await pause(near.has(order[1]));
      rested = performance.now();
    }
  } finally {
    drawing = false;
  }
}

function pause(short) {
  return new Promise((done) => {
    if (short || !window.requestIdleCallback) setTimeout(done);
    else requestIdleCallback(done, { timeout: IDLE_MS });
  });
}

async function draw(figure) {
  const wanted = key(figure);
  tried.set(figure, wanted);
  const holder = document.createElement("div");
  holder.className = "drawing coming";
  try {
    const [embed, spec] = await Promise.all([vega(), specification(figure)]);
    if (!figure.isConnected) return;
    figure.append(holder);
    fold(spec, figure.clientWidth);
    const result = await embed(holder, spec, OPTIONS);
    describe(holder, spec.description ?? figure.ariaLabel ?? "Chart.");
    show(figure, { result, holder, fits: spec.width === "container" });
  } catch (error) {
    holder.remove();
    fail(figure, error);
  }
}

// A legend has as many columns as there is room for: what is beyond the chart would be cut off.
function fold(spec, width) {
  const parts = [spec, ...(spec.layer ?? [])];
  const fields = new Set(parts.map((part) => part.encoding?.color?.field).filter(Boolean));
  const lengths = spec.data.values.flatMap((point) => [...fields].map((field) => String(point[field] ?? "").length));
  const legend = spec.config.legend;
  const label = Math.min(Math.max(0, ...lengths) * LETTER, legend.labelLimit);
  legend.columns = Math.max(1, Math.min(legend.columns, Math.floor(width / (label + BESIDE))));
}

// One image with a name, instead of the document of marks that Vega makes of it.
function describe(holder, description) {
  holder.setAttribute("role", "img");
  holder.removeAttribute("aria-roledescription");
  holder.setAttribute("aria-label", `${description} The table beside it has the figures.`);
  holder.firstElementChild?.setAttribute("aria-hidden", "true");
}

function show(figure, made) {
  clear(figure);
  made.holder.classList.remove("coming");
  drawings.set(figure, made);
  figure.dataset.drawn = figure.dataset.mark ?? "";
  widths.observe(figure);
}

function clear(figure) {
  const old = drawings.get(figure);
  drawings.delete(figure);
  old?.holder.remove();
  figure.querySelector(".room")?.remove();
  old?.result.finalize();
  figure.querySelector(".undrawn")?.remove();
  if (figure.matches(":hover")) document.getElementById("vg-tooltip-element")?.classList.remove("visible");
}

function fail(figure, error) {
  clear(figure);
  delete figure.dataset.drawn;
  const text = document.createElement("p");
  text.className = "undrawn";
  text.textContent = `This chart could not be drawn. ${error.message} Its table has the figures.`;
  figure.append(text);
  table(figure)?.setAttribute("open", "");
}

function table(figure) {
  return figure.parentElement?.querySelector("details.behind");
}

function specification(figure) {
  const of = key(figure);
  if (asked.get(figure)?.of !== of) asked.set(figure, { of, answer: fetched(figure) });
  return asked.get(figure).answer;
}

async function fetched(figure) {
  const address = new URL(figure.dataset.chart, location.href);
  address.searchParams.set("theme", shade());
  // A chart is asked for after its panel, which decides how soon the next figures are to be ready.
  const answer = await fetch(address, { signal: AbortSignal.timeout(30_000), headers: { "Tally-Live": "1" } });
  if (!answer.ok) throw new Error(await reason(answer));
  return answer.json();
}

async function reason(answer) {
  try {
    return (await answer.json()).error.message;
  } catch {
    return `The server said ${answer.status}.`;
  }
}

function vega() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "/static/vega.js";
    script.onload = () => resolve(window.vegaEmbed);
    // The element does not tell why; a server without what draws charts says so in a sentence.
    script.onerror = () => fetch(script.src).then(reason).then((text) => reject(new Error(text)), reject);
    document.head.append(script);
  });
  return loading;
}

// Vega follows the window; a figure can change its width without it.
function fit(figure) {
  const made = drawings.get(figure);
  const width = figure.clientWidth;
  if (!made?.fits || !width || made.result.view.signal("width") === width) return;
  made.result.view.signal("width", width).runAsync();
}

// Paper does not wait: where a drawing is missing, its table is printed.
function print() {
  hurry = true;
  work();
  for (const figure of due()) {
    const behind = table(figure);
    if (behind && !behind.open) {
      behind.open = true;
      behind.dataset.printed = "";
    }
  }
}

function printed() {
  hurry = false;
  for (const behind of document.querySelectorAll("details[data-printed]")) {
    behind.open = false;
    delete behind.dataset.printed;
  }
}
