// The desk's script: a rich editor in place of the text field, Ctrl-S, and a warning before typed words are lost.

import { Editor } from "@tiptap/core";
import StarterKit from "@tiptap/starter-kit";
import { TableKit } from "@tiptap/extension-table";
import "./shell/checks.js";
import "./shell/copying.js";
import "./shell/focal.js";
import "./shell/keys.js";
import "./shell/live.js";
import "./shell/marking.js";
import "./shell/uploading.js";

if (document.querySelector("[data-slots]")) import("./shell/slots.js");

const BUTTONS = [
  ["Heading", "h2", (chain) => chain.toggleHeading({ level: 2 }), ["heading", { level: 2 }]],
  ["Bold", "B", (chain) => chain.toggleBold(), ["bold"]],
  ["Italic", "I", (chain) => chain.toggleItalic(), ["italic"]],
  ["Bulleted list", "• list", (chain) => chain.toggleBulletList(), ["bulletList"]],
  ["Numbered list", "1. list", (chain) => chain.toggleOrderedList(), ["orderedList"]],
  ["Quote", "“ ”", (chain) => chain.toggleBlockquote(), ["blockquote"]],
  ["Link", "link", toggleLink, ["link"]],
  ["Undo", "undo", (chain) => chain.undo(), null],
  ["Redo", "redo", (chain) => chain.redo(), null],
];

// What the editor's schema has no room for must not be lost by opening it: such a text stays in its plain field.
const KNOWN = new Set("P H2 H3 H4 UL OL LI BLOCKQUOTE A STRONG EM B I S U CODE PRE BR HR TABLE THEAD TBODY TR TH TD".split(" "));

for (const field of document.querySelectorAll("textarea[data-editor]")) {
  if (isPlain(field.value)) open(field);
}
guard(document.querySelector("#write"));

function isPlain(html) {
  const box = new DOMParser().parseFromString(html, "text/html").body;
  return [...box.querySelectorAll("*")].every((each) => KNOWN.has(each.tagName) && !each.hasAttribute("class"));
}

function open(field) {
  const frame = document.createElement("div");
  frame.className = "editor";
  const bar = document.createElement("div");
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Text");
  const page = document.createElement("div");
  frame.append(bar, page);
  field.hidden = true;
  field.after(frame);
  const editor = new Editor({
    element: page,
    injectCSS: false,
    extensions: [StarterKit.configure({ link: { openOnClick: false, HTMLAttributes: { target: null, rel: null } } }), TableKit],
    content: field.value,
    editorProps: { attributes: { role: "textbox", "aria-multiline": "true", "aria-labelledby": "body-label", dir: "auto" } },
    onUpdate: () => {
      field.value = editor.isEmpty ? "" : editor.getHTML();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
  const marks = BUTTONS.map((button) => toolbarButton(bar, editor, ...button));
  editor.on("transaction", () => marks.forEach((mark) => mark()));
}

function toolbarButton(bar, editor, name, face, act, active) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = face;
  button.setAttribute("aria-label", name);
  button.addEventListener("mousedown", (event) => event.preventDefault()); // the words keep the focus
  button.addEventListener("click", () => act(editor.chain().focus(), editor).run());
  bar.append(button);
  const mark = () => active && button.setAttribute("aria-pressed", String(editor.isActive(...active)));
  mark();
  return mark;
}

function toggleLink(chain, editor) {
  if (editor.isActive("link")) return chain.unsetLink();
  const address = window.prompt("Where does it lead?", "https://");
  return address ? chain.setLink({ href: address }) : chain;
}

function guard(form) {
  if (!form) return;
  let typed = false;
  form.addEventListener("input", () => (typed = true));
  form.addEventListener("submit", () => (typed = false));
  window.addEventListener("beforeunload", (event) => typed && event.preventDefault());
  window.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}
