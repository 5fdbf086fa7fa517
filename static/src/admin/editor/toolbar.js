// The row of buttons above the text: arrow keys go along it, and Tab passes it by in one step.

import { make } from "./asking.js";
import { askAddress, askEmbed, askGallery, askPicture, askRecording, editCaption } from "./inserting.js";

const ICONS = {
  bold: "M4 2h5a3 3 0 0 1 1.6 5.5A3.3 3.3 0 0 1 9.6 14H4zM6.4 4v3h2.3a1.5 1.5 0 0 0 0-3zm0 5v3h2.9a1.5 1.5 0 0 0 0-3z",
  italic: "M6 2h6v2H9.9L8.2 12H10v2H4v-2h2.1l1.7-8H6z",
  link: "M6.6 9.4a3 3 0 0 0 4.2 0l2.4-2.4A3 3 0 0 0 9 2.8L8 3.8l1.1 1.1 1-1a1.4 1.4 0 0 1 2 2L9.7 8.3a1.4 1.4 0 0 1-2 0zM9.4 6.6a3 3 0 0 0-4.2 0L2.8 9A3 3 0 0 0 7 13.2l1-1-1.1-1.1-1 1a1.4 1.4 0 0 1-2-2L6.3 7.7a1.4 1.4 0 0 1 2 0z",
  bullets: "M1 3h3v2H1zm5 0h9v2H6zM1 7h3v2H1zm5 0h9v2H6zm-5 4h3v2H1zm5 0h9v2H6z",
  numbers: "M1.5 2.5 3 2v4H2V3.3l-.7.2zM6 3h9v2H6zM6 7h9v2H6zm0 4h9v2H6zM1 10.5a1.3 1.3 0 0 1 2.5.6c0 .7-.6 1.2-1.1 1.9h1.2v1H1v-.8l1.3-1.6c.3-.4 0-.7-.3-.4z",
  quote: "M2 9V6.5A3.5 3.5 0 0 1 5.5 3v1.6A1.9 1.9 0 0 0 3.7 6.5H6V12H2zm7 0V6.5A3.5 3.5 0 0 1 12.5 3v1.6a1.9 1.9 0 0 0-1.8 1.9H13V12H9z",
  picture: "M1 2h14v12H1zm2 2v6.5L6 7l3 3 1.5-1.5L13 11V4zm7.5 1a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4z",
  undo: "M6 2 1.5 6 6 10V7.2h4a2.4 2.4 0 0 1 0 4.8H6v2h4a4.4 4.4 0 0 0 0-8.8H6z",
  redo: "m10 2 4.5 4L10 10V7.2H6a2.4 2.4 0 0 0 0 4.8h4v2H6a4.4 4.4 0 0 1 0-8.8h4z",
};

const STYLES = [
  ["0", "Text", "paragraph", {}],
  ["2", "Heading", "heading", { level: 2 }],
  ["3", "Smaller heading", "heading", { level: 3 }],
  ["4", "Smallest heading", "heading", { level: 4 }],
  ["pre", "Code", "codeBlock", {}],
];

const toggle = (name) => [(chain) => chain.toggleMark(name), (editor) => editor.isActive(name)];

const BUTTONS = [
  ["Bold", "bold", ...toggle("bold"), "Ctrl+B"],
  ["Italic", "italic", ...toggle("italic"), "Ctrl+I"],
  ["Link", "link", null, (editor) => editor.isActive("link"), "Ctrl+K", askAddress],
  null,
  ["Bulleted list", "bullets", (chain) => chain.toggleBulletList(), (editor) => editor.isActive("bulletList"), "Ctrl+Shift+8"],
  ["Numbered list", "numbers", (chain) => chain.toggleOrderedList(), (editor) => editor.isActive("orderedList"), "Ctrl+Shift+7"],
  ["Quotation", "quote", (chain) => chain.toggleWrap("blockquote"), (editor) => editor.isActive("blockquote"), "Ctrl+Shift+B"],
  null,
  ["Picture", "picture", null, null, "Ctrl+Shift+P", askPicture],
];

const aside = (css) => (chain, editor) =>
  editor.isActive("aside", { class: css }) ? chain.lift("aside") : chain.wrapIn("aside", { class: css });

const MORE = [
  ["Insert", [
    ["Pull quote", aside("pull-quote"), ["aside", { class: "pull-quote" }]],
    ["Fact box", aside("fact-box"), ["aside", { class: "fact-box" }]],
    ["Gallery…", null, null, askGallery],
    ["Audio or video…", null, null, askRecording],
    ["Post, film or map…", null, null, askEmbed],
    ["Table", (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true })],
    ["Dividing line", (chain) => chain.insertContent({ type: "horizontalRule" })],
  ]],
  ["Words", [
    ["Underlined", (chain) => chain.toggleMark("underline"), ["underline"]],
    ["Struck through", (chain) => chain.toggleMark("strike"), ["strike"]],
    ["Highlighted", (chain) => chain.toggleMark("highlight"), ["highlight"]],
    ["Small print", (chain) => chain.toggleMark("small"), ["small"]],
    ["Lowered (H₂O)", (chain) => chain.toggleMark("subscript"), ["subscript"]],
    ["Raised (m²)", (chain) => chain.toggleMark("superscript"), ["superscript"]],
    ["Code", (chain) => chain.toggleMark("code"), ["code"]],
    ["Without any of these", (chain) => chain.unsetAllMarks()],
  ]],
];

const TABLE = [
  ["Row below", (chain) => chain.addRowAfter()],
  ["Column after", (chain) => chain.addColumnAfter()],
  ["Delete row", (chain) => chain.deleteRow()],
  ["Delete column", (chain) => chain.deleteColumn()],
  ["Heading row", (chain) => chain.toggleHeaderRow()],
  ["Join or split cells", (chain) => chain.mergeOrSplit()],
  ["Caption…", null, editCaption],
  ["Delete table", (chain) => chain.deleteTable()],
];

export function toolbar(editor) {
  const bar = make("div", { role: "toolbar", "aria-label": "Text" });
  const marks = [];
  bar.append(styleChoice(editor, marks));
  for (const button of BUTTONS) bar.append(button ? iconButton(editor, marks, button) : make("span", { class: "gap" }));
  bar.append(moreMenu(editor, marks), make("span", { class: "gap" }));
  bar.append(iconButton(editor, marks, ["Undo", "undo", (chain) => chain.undo(), null, "Ctrl+Z"]));
  bar.append(iconButton(editor, marks, ["Redo", "redo", (chain) => chain.redo(), null, "Ctrl+Shift+Z"]));
  const tableBar = make("div", { role: "group", "aria-label": "Table", class: "table-tools" });
  for (const [name, act, ask] of TABLE) tableBar.append(wordButton(editor, name, act, ask));
  marks.push(() => (tableBar.hidden = !editor.isActive("table")));
  const update = () => marks.forEach((mark) => mark());
  update();
  editor.on("transaction", update);
  alongByArrows(bar);
  return [bar, tableBar];
}

function styleChoice(editor, marks) {
  const choice = make("select", { "aria-label": "Style of this paragraph" }, ...STYLES.map(([key, said]) => make("option", { value: key }, said)));
  choice.addEventListener("change", () => {
    const [, , type, attributes] = STYLES.find(([key]) => key === choice.value);
    editor.chain().focus().setNode(type, attributes).run();
  });
  marks.push(() => {
    const found = STYLES.find(([, , type, attributes]) => editor.isActive(type, attributes));
    choice.value = found ? found[0] : "0";
  });
  return choice;
}

function iconButton(editor, marks, [name, icon, act, active, keys, ask]) {
  const button = make("button", { type: "button", "aria-label": name, title: keys ? `${name} (${keys})` : name });
  button.append(svg(ICONS[icon]));
  button.addEventListener("mousedown", (event) => event.preventDefault()); // the words keep the focus
  button.addEventListener("click", () => (ask ? ask(editor) : act(editor.chain().focus(), editor).run()));
  if (active) marks.push(() => button.setAttribute("aria-pressed", String(active(editor))));
  return button;
}

function wordButton(editor, name, act, ask) {
  const button = make("button", { type: "button" }, name);
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => (ask ? ask(editor) : act(editor.chain().focus(), editor).run()));
  return button;
}

function moreMenu(editor, marks) {
  const id = "more-text";
  const panel = make("div", { id, popover: "auto", class: "menu" });
  for (const [title, entries] of MORE) {
    const group = make("div", { role: "group", "aria-label": title }, make("p", {}, title));
    for (const [name, act, active, ask] of entries) {
      const button = wordButton(editor, name, act, ask);
      button.addEventListener("click", () => panel.hidePopover());
      if (active) marks.push(() => button.setAttribute("aria-pressed", String(editor.isActive(...active))));
      group.append(button);
    }
    panel.append(group);
  }
  const opener = make("button", { type: "button", popovertarget: id, "aria-haspopup": "true" }, "More");
  panel.addEventListener("toggle", (event) => {
    opener.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState !== "open") return;
    const at = opener.getBoundingClientRect();
    panel.style.top = `${at.bottom + 4}px`;
    panel.style.left = `${Math.max(8, Math.min(at.left, innerWidth - panel.offsetWidth - 8))}px`;
    panel.querySelector("button").focus();
  });
  panel.addEventListener("keydown", (event) => {
    const buttons = [...panel.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
  });
  return make("span", { class: "more" }, opener, panel);
}

function alongByArrows(bar) {
  const stops = () => [...bar.querySelectorAll(":scope > button, :scope > select, :scope > .more > button")];
  stops().forEach((stop, place) => (stop.tabIndex = place ? -1 : 0));
  bar.addEventListener("focusin", (event) => stops().includes(event.target) && stops().forEach((stop) => (stop.tabIndex = stop === event.target ? 0 : -1)));
  bar.addEventListener("keydown", (event) => {
    const all = stops();
    const here = all.indexOf(event.target);
    const there = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: all.length - 1 }[event.key];
    if (here < 0 || there === undefined) return;
    event.preventDefault();
    all.at(there % all.length).focus();
  });
}

function svg(path) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  made.setAttribute("viewBox", "0 0 16 16");
  made.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  made.append(line);
  return made;
}
