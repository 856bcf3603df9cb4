// Live: hears of each new version of the figures and brings the panels up to it, those in view first; not in a hidden tab.
import * as charts from "./charts.js";
import { morph } from "./morph.js";

const AT_ONCE = 4;
const AGAIN_MS = 10_000;
const SOON_MS = 2_000;
const BETWEEN_MS = 500;
const MINUTE_MS = 60_000;
const FRESH_MS = 1_300;
const PATIENCE_MS = 30_000;

const near = new Set();
const watch = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) near.add(entry.target);
    else near.delete(entry.target);
  }
});
const fetched = new WeakMap();
let place;
let source;
let timer;
let asked = 0;
/** The version that is shown, and the newest one that was heard of. */
let shown;
let newest;
let refreshing = false;

/** Follows the server from now on. */
export function begin() {
  place = document.getElementById("status");
  if (!place?.dataset.stream) return;
  newest = shown = place.dataset.version;
  follow();
  document.addEventListener("visibilitychange", () => (document.hidden ? pause() : resume()));
  addEventListener("pagehide", pause);
  addEventListener("pageshow", (event) => event.persisted && resume());
  addEventListener("online", resume);
  setInterval(aged, MINUTE_MS);
  if (!document.hidden) listen();
}

function follow() {
  for (const section of panels()) {
    fetched.set(section, Date.now());
    watch.observe(section);
  }
}

function pause() {
  source?.close();
  source = undefined;
  clearTimeout(timer);
}

function resume() {
  pause();
  listen();
  aged();
}

// The stream, and asking from time to time where there is none.

function listen() {
  let heard = false;
  const stream = new EventSource(place.dataset.stream);
  source = stream;
  stream.addEventListener("version", (event) => {
    heard = true;
    hear(JSON.parse(event.data).version);
  });
  stream.addEventListener("status", (event) => tell(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    stream.close();
    if (source !== stream) return;
    source = undefined;
    clearTimeout(timer);
    timer = setTimeout(poll, heard ? SOON_MS : AGAIN_MS);
    // One that never told anything may be refused for good; whether the server is there, asking tells.
    if (!heard && Date.now() - asked > SOON_MS) ask();
  });
}

async function poll() {
  if (await ask()) {
    if (!document.hidden && !source) listen();
  } else if (!document.hidden) {
    timer = setTimeout(poll, AGAIN_MS);
  }
}

async function ask() {
  asked = Date.now();
  try {
    const answer = await fetch("/api/v1/health", { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error();
    const health = await answer.json();
    tell(health);
    hear(health.ledger);
    return true;
  } catch {
    word("no answer from the server", "bad");
    return false;
  }
}

// What stands in the head.

function tell({ importing, trouble, following }) {
  if (importing !== null) word(`importing: ${Math.floor(importing * 100)} %`, "busy");
  else if (trouble) word(trouble, "bad");
  else word(following ? "up to date" : "not following");
}

function word(text, tone = "") {
  // Who listens to the page hears of an import's beginning and end, not of each step.
  place.setAttribute("aria-live", tone === "busy" && place.dataset.tone === "busy" ? "off" : "polite");
  place.dataset.tone = tone;
  if (place.textContent === text) return;
  const part = document.createElement(tone ? "strong" : "span");
  if (tone === "bad") part.className = "bad";
  part.textContent = text;
  place.replaceChildren(part);
}

// The panels.

async function hear(version) {
  newest = version;
  if (refreshing) return;
  refreshing = true;
  try {
    while (newest !== shown && !document.hidden) {
      const next = newest;
      if (!(await (first() ? arrive() : refresh(panels())))) break;
      shown = next;
      await new Promise((done) => setTimeout(done, BETWEEN_MS));
    }
  } finally {
    refreshing = false;
  }
}

// What a clock moves on, although nothing new comes in.
async function aged() {
  if (document.hidden || refreshing) return;
  if (newest !== shown) {
    // What failed a while ago.
    await hear(newest);
    return;
  }
  const now = Date.now();
  const old = [...near].filter((section) => {
    const step = Number(section.dataset.step) || 15 * MINUTE_MS;
    return section.isConnected && Math.floor(now / step) !== Math.floor((fetched.get(section) ?? 0) / step);
  });
  if (old.length) await refresh(old);
}

async function refresh(sections) {
  const order = [...sections].sort((one, other) => near.has(other) - near.has(one));
  let well = true;
  const work = async () => {
    for (let section = order.shift(); section; section = order.shift()) {
      if (document.hidden) well = false;
      else well = (await renew(section)) && well;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return well;
}

// On its first run a page has no panels yet; they come all at once, with the first figures.
function first() {
  return document.querySelector("main [data-start]");
}

async function arrive() {
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) return false;
    const main = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    morph(document.querySelector("main"), main);
    follow();
    charts.refresh();
    return true;
  } catch {
    return false;
  }
}

async function renew(section) {
  const begun = Date.now();
  try {
    const answer = await fetch(section.dataset.panel, { signal: AbortSignal.timeout(PATIENCE_MS) });
    // A server that is too busy is asked again later; what a panel cannot tell at all, it tells with another version.
    if (answer.status >= 500) return false;
    if (answer.ok) put(section, await answer.text());
    fetched.set(section, begun);
    return true;
  } catch {
    return false;
  }
}

function put(section, text) {
  const parsed = new DOMParser().parseFromString(text, "text/html");
  const fresh = parsed.querySelector("[data-panel]");
  if (!fresh || !section.isConnected) return;
  section.classList.remove("new");
  if (!morph(section, fresh)) return;
  section.classList.add("new");
  setTimeout(() => section.classList.remove("new"), FRESH_MS);
  charts.refresh();
}

function panels() {
  return document.querySelectorAll("section[data-panel]");
}
