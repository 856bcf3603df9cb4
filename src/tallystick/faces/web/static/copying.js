// Copying: buttons that put a command, an address or a table where it can be pasted from.
const DONE_MS = 1_500;
let said;

/** Makes the buttons work, those of panels to come too. */
export function begin() {
  said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("role", "status");
  document.body.append(said);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy], [data-copy-address], [data-copy-from]");
    if (button) copy(button);
  });
}

async function copy(button) {
  try {
    await put(content(button));
    button.dataset.done = "";
    tell("Copied.");
    setTimeout(() => delete button.dataset.done, DONE_MS);
  } catch (error) {
    tell(`Not copied: ${error.message}`);
  }
}

async function content(button) {
  const { copy: text, copyAddress, copyFrom } = button.dataset;
  if (text !== undefined) return text;
  if (copyAddress !== undefined) return new URL(copyAddress, location.href).href;
  const answer = await fetch(copyFrom);
  if (!answer.ok) throw new Error(`the server said ${answer.status}.`);
  return answer.text();
}

async function put(coming) {
  // Without encryption and beyond this machine there is no clipboard to write to.
  if (!navigator.clipboard) return select(await coming);
  if (window.ClipboardItem) {
    // Safari lets a page write only at once after a click; what is written may come later.
    const item = coming.then((text) => new Blob([text], { type: "text/plain" }));
    return navigator.clipboard.write([new ClipboardItem({ "text/plain": item })]);
  }
  return navigator.clipboard.writeText(await coming);
}

function select(text) {
  const focus = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "unseen";
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focus?.focus({ preventScroll: true });
  if (!done) throw new Error("this browser does not let pages copy.");
}

// The same words twice are told twice only if there was nothing in between.
function tell(text) {
  said.textContent = "";
  setTimeout(() => (said.textContent = text), 50);
}
