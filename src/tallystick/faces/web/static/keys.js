// Keys: what one key does on the page, and a dialog that tells; whoever needs letters for something else switches them off.
import { next } from "./themes.js";

const KEYS = [
  ["j", "next panel"],
  ["k", "panel before"],
  ["1 – 6", "period"],
  ["u", "money or tokens"],
  ["/", "to the dates or the filter"],
  ["t", "theme: system, light, dark"],
  ["?", "these keys"],
  ["Esc", "close what is open"],
];
let dialog;
let active = true;

/** Listens for keys. */
export function begin() {
  try {
    active = localStorage.getItem("keys") !== "off";
  } catch {
    // A browser may keep nothing.
  }
  document.addEventListener("keydown", pressed);
  for (const button of document.querySelectorAll("[data-keys]")) {
    button.hidden = false;
    button.addEventListener("click", show);
  }
}

function pressed(event) {
  // Keys with modifiers are the browser's and the screen reader's.
  if (!active || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (event.target.closest?.("input, select, textarea, dialog, [contenteditable]")) return;
  const act = /^[1-6]$/.test(event.key) ? () => period(Number(event.key)) : ACTS[event.key];
  if (act && act() !== false) event.preventDefault();
}

const ACTS = {
  "?": show,
  "/": find,
  j: () => step(1),
  k: () => step(-1),
  t: next,
  u: unit,
};

function find() {
  const field = document.querySelector("main input[type=search], main form input:not([type=hidden]), .dates input[type=date]");
  field?.focus();
  return Boolean(field);
}

function period(number) {
  const choice = document.querySelectorAll('nav[aria-label="Period"] a')[number - 1];
  choice?.click();
  return Boolean(choice);
}

function unit() {
  if (!document.querySelector('nav[aria-label="Period"]')) return false;
  const address = new URL(location.href);
  if (address.searchParams.get("unit") === "tokens") address.searchParams.delete("unit");
  else address.searchParams.set("unit", "tokens");
  location.assign(address);
  return true;
}

function step(by) {
  const headings = [...document.querySelectorAll("section.panel h3")];
  if (!headings.length) return false;
  const current = headings.findIndex((heading) => heading.closest("section.panel").contains(document.activeElement));
  const first = headings.findIndex((heading) => heading.getBoundingClientRect().top >= 0);
  const at = current >= 0 ? current + by : by > 0 ? Math.max(first, 0) : first - 1;
  const heading = headings[Math.min(Math.max(at, 0), headings.length - 1)];
  heading.tabIndex = -1;
  heading.focus();
  return true;
}

function show() {
  dialog ??= made();
  if (!dialog.open) dialog.showModal();
}

function made() {
  const box = element("dialog", { className: "keys" });
  box.setAttribute("aria-labelledby", "keys-title");
  const list = element("dl");
  for (const [key, what] of KEYS) {
    const name = element("dt");
    name.append(element("kbd", { textContent: key }));
    list.append(name, element("dd", { textContent: what }));
  }
  const label = element("label");
  const check = element("input", { type: "checkbox", checked: active });
  check.addEventListener("change", () => choose(check.checked));
  label.append(check, " Keys do this on every page");
  const close = element("button", { type: "button", textContent: "Close", autofocus: true });
  close.addEventListener("click", () => box.close());
  box.append(element("h2", { id: "keys-title", textContent: "Keys" }), list, label, close);
  box.addEventListener("click", (event) => event.target === box && box.close());
  document.body.append(box);
  return box;
}

function choose(on) {
  active = on;
  try {
    if (on) localStorage.removeItem("keys");
    else localStorage.setItem("keys", "off");
  } catch {
    // A browser may keep nothing; then it holds for this page.
  }
}

function element(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}
