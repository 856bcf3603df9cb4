// Time zones: whoever is about to write one is offered those that the browser knows.
const LIST = "zones";

/** Waits for who gets there. */
export function begin() {
  document.addEventListener("focusin", ({ target }) => {
    if (!target.matches?.("input[name=timezone]") || !Intl.supportedValuesOf) return;
    if (!document.getElementById(LIST)) document.body.append(made());
    target.setAttribute("list", LIST);
  });
}

function made() {
  const list = document.createElement("datalist");
  list.id = LIST;
  // Browsers leave it out, although they know it.
  const names = new Set(["UTC", ...Intl.supportedValuesOf("timeZone")]);
  for (const name of names) list.append(new Option("", name));
  return list;
}
