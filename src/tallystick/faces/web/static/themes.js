// Themes: the button that goes from the system's to light to dark, and word of each change to whatever draws colours itself.
const CHOICES = ["system", "light", "dark"];
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = [];
let before;

/** The theme that is shown: light or dark. */
export function shade() {
  return root.dataset.theme ?? (system.matches ? "dark" : "light");
}

/** Calls a function whenever another theme is shown. */
export function onShade(listener) {
  listeners.push(listener);
}

/** Shows the next theme, and keeps that choice. */
export function next() {
  choose(CHOICES[(CHOICES.indexOf(chosen()) + 1) % CHOICES.length]);
  try {
    if (chosen() === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", chosen());
  } catch {
    // A browser may keep nothing; then it holds for this page.
  }
}

/** Shows the button, which needs a script. */
export function begin() {
  before = shade();
  for (const button of buttons()) {
    button.hidden = false;
    button.addEventListener("click", next);
  }
  name();
  system.addEventListener("change", told);
  addEventListener("storage", (event) => {
    if (event.key === "theme" || event.key === null) choose(event.newValue);
  });
}

function chosen() {
  return root.dataset.theme ?? "system";
}

function choose(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
  name();
  told();
}

function told() {
  if (shade() === before) return;
  before = shade();
  for (const listener of listeners) listener();
}

function buttons() {
  return document.querySelectorAll("[data-theme-switch]");
}

function name() {
  for (const button of buttons()) {
    button.textContent = chosen();
    button.setAttribute("aria-label", `Theme: ${chosen()}`);
  }
}
