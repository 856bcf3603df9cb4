// Menus: a details.ways closes on Escape, on a click beside it, and when the focus leaves it.

/** Makes menus close, those of panels to come too. */
export function begin() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(null, true);
  });
  document.addEventListener("pointerdown", (event) => close(event.target));
  document.addEventListener("focusin", (event) => close(event.target));
}

function close(within, back = false) {
  for (const menu of document.querySelectorAll("details.ways[open]")) {
    if (within && menu.contains(within)) continue;
    const focused = menu.contains(document.activeElement);
    menu.open = false;
    if (back && focused) menu.querySelector("summary").focus();
  }
}
