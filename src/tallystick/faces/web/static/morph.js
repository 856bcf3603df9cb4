// Makes an element into what it is to be and touches only what differs, so that focus, scroll positions, open parts, what
// is selected and drawings stay.
const OURS = new Set(["open", "style", "tabindex", "list", "data-drawn", "data-done"]);

/** Changes `old`, which is on the page, into `fresh`; tells whether anything was to be changed. */
export function morph(old, fresh) {
  const differs = attributes(old, fresh);
  // What is in a chart's figure was drawn here.
  return (!old.matches("figure[data-chart]") && children(old, fresh)) || differs;
}

function attributes(old, fresh) {
  let differs = false;
  for (const { name, value } of fresh.attributes) {
    if (OURS.has(name) || old.getAttribute(name) === value) continue;
    old.setAttribute(name, value);
    differs = true;
  }
  for (const { name } of [...old.attributes]) {
    if (OURS.has(name) || fresh.hasAttribute(name)) continue;
    old.removeAttribute(name);
    differs = true;
  }
  return differs;
}

function children(old, fresh) {
  const mine = parts(old);
  const wanted = parts(fresh);
  const keep = pairs(mine, wanted);
  const kept = new Set(keep.values());
  let differs = false;
  for (const node of mine) {
    if (kept.has(node)) continue;
    node.remove();
    differs = true;
  }
  let at = mine.find((node) => kept.has(node)) ?? null;
  for (const node of wanted) {
    const found = keep.get(node);
    if (!found) {
      old.insertBefore(document.importNode(node, true), at);
      differs = true;
      continue;
    }
    if (found === at) at = following(at, kept);
    else {
      move(old, found, at);
      differs = true;
    }
    differs = same(found, node) || differs;
  }
  return differs;
}

// Each wanted node and the one that becomes it: by what it is about, or else the next of its kind.
function pairs(mine, wanted) {
  const left = new Map();
  for (const node of mine) left.set(key(node), [...(left.get(key(node)) ?? []), node]);
  const found = new Map();
  for (const node of wanted) {
    const next = left.get(key(node))?.shift();
    if (next) found.set(node, next);
  }
  return found;
}

function key(node) {
  // A row is known by its first cell: another one above it does not make it another row.
  const about = node.id || node.dataset?.about || (node.nodeName === "TR" ? node.firstElementChild?.textContent : "");
  return `${node.nodeName} ${about ?? ""}`;
}

// Line breaks between elements are only how the page was written.
function parts(parent) {
  return [...parent.childNodes].filter((node) => node.nodeType !== Node.TEXT_NODE || !/^\s*\n\s*$/.test(node.data));
}

function following(node, kept) {
  let next = node.nextSibling;
  while (next && !kept.has(next)) next = next.nextSibling;
  return next;
}

function move(parent, node, before) {
  const focus = node.contains(document.activeElement) ? document.activeElement : null;
  parent.insertBefore(node, before);
  focus?.focus({ preventScroll: true });
}

function same(old, fresh) {
  if (old.nodeType === Node.ELEMENT_NODE) return morph(old, fresh);
  if (old.data === fresh.data) return false;
  retell(old, fresh.data);
  return true;
}

// What is selected in a text ends where it ended, as long as that is still said.
function retell(node, data) {
  const shorter = Math.min(node.length, data.length);
  let first = 0;
  while (first < shorter && node.data[first] === data[first]) first++;
  let last = 0;
  while (last < shorter - first && node.data.at(-1 - last) === data.at(-1 - last)) last++;
  node.replaceData(first, node.length - first - last, data.slice(first, data.length - last));
}
