// The keyboard: a key or two for every room, and for the list at hand. Keys without Ctrl can be switched off
// on a device, because a voice that says "n" types one (WCAG 2.1.4).

const OFF = "copydesk-keys-off";
const GO_WITHIN_MS = 1500;

const dialog = document.querySelector("#shortcuts");
let wentAt = 0;

if (dialog) {
  const choice = dialog.querySelector("[data-single-keys]");
  choice.checked = !off();
  choice.addEventListener("change", () => {
    if (choice.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.querySelector("[data-shortcuts]").addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector("#rooms").hidePopover?.();
    dialog.showModal();
  });
  document.addEventListener("keydown", pressed);
  document.addEventListener("keydown", chorded);
}

function off() {
  return localStorage.getItem(OFF) === "1";
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off()) return;
  if (document.querySelector("dialog[open]") || takesText(event.target)) return;
  const act = wentAt && event.timeStamp - wentAt < GO_WITHIN_MS ? room(event.key) : ACTS[event.key];
  wentAt = event.key === "g" && act === ACTS.g ? event.timeStamp : 0;
  if (act && act() !== false) event.preventDefault();
}

/** Ctrl K searches everywhere; in the text of a story it is the editor's, which makes a link. */
function chorded(event) {
  if (event.key !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (event.defaultPrevented || document.querySelector("dialog[open]") || event.target.closest("[contenteditable=true]")) return;
  event.preventDefault();
  find();
}

/** The room's own field if it is the search room, else the frame's, which on a phone stands behind a button. */
function find() {
  const field = document.querySelector("main [data-find]") ?? document.querySelector("[data-find]");
  if (!field.checkVisibility()) document.querySelector("#rooms").showPopover();
  field.focus();
  field.select();
}

function takesText(element) {
  return element.closest("textarea, select, input:not([type=checkbox], [type=radio], [type=submit]), [contenteditable=true], [role=textbox]");
}

function room(key) {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  return link && (() => link.click());
}

const ACTS = {
  g: () => {},
  n: () => document.querySelector("[data-key=n]").click(),
  "?": () => dialog.showModal(),
  "/": find,
  f: () => {
    const field = document.querySelector("main input[type=search]:not([data-find])");
    if (!field) return false;
    field.focus();
    field.select();
  },
  j: () => step(1),
  k: () => step(-1),
  x: () => {
    const box = document.activeElement?.closest("li, tr")?.querySelector("input[type=checkbox]");
    if (!box) return false;
    box.click();
  },
};

function step(by) {
  const links = [...document.querySelectorAll("main .stories :is(li, .line, .heading > div) > a, main [data-list] a[data-item]")];
  if (!links.length) return false;
  const at = links.findIndex((link) => link.closest("li, tr")?.contains(document.activeElement));
  links[Math.min(Math.max(at + by, 0), links.length - 1)].focus();
}
