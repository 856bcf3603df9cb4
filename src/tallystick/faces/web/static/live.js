// Live: hears of each new version of the figures and brings what is shown up to it, what is in view first; not in a hidden tab.
import * as charts from "./charts.js";
import { morph } from "./morph.js";

const AT_ONCE = 4;
const AGAIN_MS = 10_000;
const SOON_MS = 2_000;
const MINUTE_MS = 60_000;
const FRESH_MS = 1_300;
const PATIENCE_MS = 30_000;
/** How long nothing new has to come in before what is out of view is brought up to date as well. */
const CALM_MS = 10_000;
/** Between one refresh and the next: at least so long, and so many times what the last one cost: less than a tenth of a core for all that belongs to it. */
const BETWEEN_MS = 500;
const REST = 12;
/** What asking for a part takes besides what the server says, at both ends. */
const ASKING_MS = 3;

/** Parts that are in view, those of them that have come there with old figures, and those that could not be had just now. */
const near = new Set();
const came = new Set();
const missed = new Set();
/** The version that a part shows, and when it was asked for. */
const held = new WeakMap();
const fetched = new WeakMap();
const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) seen(target);
    else leave(target);
  }
  keepUp();
});
let place;
let source;
let timer;
let later;
let asked = 0;
/** The newest version that was heard of, and when. */
let newest;
let heard = 0;
/** When the next refresh may begin. */
let free = 0;
let working = false;

/** Follows the server from now on. */
export function begin() {
  place = document.getElementById("status");
  if (!place?.dataset.stream) return;
  newest = place.dataset.version;
  follow();
  document.addEventListener("visibilitychange", () => (document.hidden ? pause() : resume()));
  addEventListener("pagehide", pause);
  addEventListener("pageshow", (event) => event.persisted && resume());
  addEventListener("online", resume);
  setInterval(aged, MINUTE_MS);
  if (!document.hidden) listen();
}

// Parts that are there by now, with the version with which they have come; what was late has come with one before.
function follow() {
  for (const part of parts()) {
    if (held.has(part)) continue;
    took(part, part.hasAttribute("data-late") ? undefined : newest);
    watch.observe(part);
  }
}

// What brings itself up to date: the panels, or else all that a page shows.
function parts() {
  return [...document.querySelectorAll("[data-live], [data-panel]")];
}

function seen(part) {
  near.add(part);
  if (isOld(part)) held.set(part, undefined);
  if (held.get(part) !== newest) came.add(part);
}

function leave(part) {
  near.delete(part);
  came.delete(part);
}

function pause() {
  source?.close();
  source = undefined;
  clearTimeout(timer);
  clearTimeout(later);
}

function resume() {
  pause();
  listen();
  aged();
}

// The stream, and asking from time to time where there is none.

function listen() {
  let spoke = false;
  const stream = new EventSource(place.dataset.stream);
  source = stream;
  stream.addEventListener("version", (event) => {
    spoke = true;
    hear(JSON.parse(event.data).version);
  });
  stream.addEventListener("status", (event) => tell(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    stream.close();
    if (source !== stream) return;
    source = undefined;
    clearTimeout(timer);
    timer = setTimeout(poll, spoke ? SOON_MS : AGAIN_MS);
    // One that never told anything may be refused for good; whether the server is there, asking tells.
    if (!spoke && Date.now() - asked > SOON_MS) ask();
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

// What is shown.

function hear(version) {
  if (version !== newest) heard = performance.now();
  newest = version;
  missed.clear();
  keepUp();
}

// What a clock moves on, although nothing new comes in, and what failed a while ago.
function aged() {
  if (document.hidden) return;
  missed.clear();
  for (const part of near) if (isOld(part)) held.set(part, undefined);
  keepUp();
}

function isOld(part) {
  const step = Number(part.dataset.step) || 15 * MINUTE_MS;
  return Math.floor(Date.now() / step) !== Math.floor(fetched.get(part) / step);
}

async function keepUp() {
  if (working) return;
  working = true;
  try {
    for (let round = next(); round.length; round = next()) await refresh(round);
  } finally {
    working = false;
  }
}

// What is to be refreshed now; where there is something for later, a timer is set.
function next() {
  clearTimeout(later);
  if (document.hidden) return [];
  const old = parts().filter((part) => held.get(part) !== newest && !missed.has(part));
  // Whoever goes to a part does not wait for it; what that costs is waited for afterwards.
  const wanted = old.filter((part) => came.has(part));
  if (wanted.length || !old.length) return wanted;
  const inView = old.filter((part) => near.has(part));
  const wait = Math.max(free, inView.length ? 0 : heard + CALM_MS) - performance.now();
  if (wait <= 0) return inView.length ? inView : old.slice(0, 1);
  later = setTimeout(keepUp, wait);
  return [];
}

async function refresh(round) {
  const left = [...round];
  let cost = 0;
  const work = async () => {
    for (let part = left.shift(); part; part = left.shift()) {
      // A sum is read after what is waited for, not before.
      const more = await renew(part);
      cost += more;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  free = Math.max(free, performance.now()) + Math.max(BETWEEN_MS, cost * REST);
}

// Brings a part up to date; gives the milliseconds that it cost.
async function renew(part) {
  const version = newest;
  const begun = performance.now();
  came.delete(part);
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(part.dataset.panel ?? location.href, { signal, headers: { "Tally-Live": "1" } });
    // A server that is too busy is asked again later; what cannot be told at all is told with another version.
    if (answer.status >= 500) missed.add(part);
    else if (answer.ok) put(part, await answer.text());
    if (answer.status < 500) took(part, version);
    // A first run becomes the dashboard only once.
    if (!parts().includes(part)) return 0;
    const told = /\bdur=([\d.]+)/.exec(answer.headers.get("Server-Timing") ?? "");
    return told ? Number(told[1]) + ASKING_MS : performance.now() - begun;
  } catch {
    missed.add(part);
    return performance.now() - begun;
  }
}

function took(part, version) {
  held.set(part, version);
  fetched.set(part, Date.now());
}

function put(part, text) {
  const parsed = new DOMParser().parseFromString(text, "text/html");
  const fresh = parsed.querySelector(part.matches("[data-live]") ? "main" : "[data-panel]");
  if (!fresh || !part.isConnected) return;
  part.classList.remove("new");
  if (!morph(part, fresh)) return;
  follow();
  charts.refresh();
  if (!part.matches(".panel")) return;
  part.classList.add("new");
  setTimeout(() => part.classList.remove("new"), FRESH_MS);
}
