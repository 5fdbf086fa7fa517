// The rich editor in place of a text field. The field stays the form's: it is written whenever the text changes.

import { Editor, Extension } from "@tiptap/core";
import { Dropcursor, Gapcursor, Placeholder, UndoRedo } from "@tiptap/extensions";
import { EditorState } from "@tiptap/pm/state";
import { make } from "./asking.js";
import { blocks } from "./blocks.js";
import { figures } from "./figures.js";
import { askAddress, askPicture, editKept, editPicture } from "./inserting.js";
import { marks } from "./marks.js";
import { Pasting } from "./pasting.js";
import { read, write } from "./reading.js";
import { tables } from "./tables.js";
import { toolbar } from "./toolbar.js";

const Keys = Extension.create({
  name: "roomKeys",
  addKeyboardShortcuts: () => ({
    "Mod-k": ({ editor }) => (askAddress(editor), true),
    "Mod-Shift-p": ({ editor }) => (askPicture(editor), true),
  }),
});

const HANDLED = { picture: editPicture, kept: editKept };

export function openText(field) {
  const label = document.querySelector(`label[for="${field.id}"]`);
  const frame = make("div", { class: "editor" });
  const page = make("div", { class: "page" });
  field.hidden = true;
  field.after(frame);
  let sources = new WeakMap();
  const editor = new Editor({
    element: page,
    injectCSS: false,
    editable: !field.disabled && !field.readOnly,
    extensions: [
      ...marks, ...blocks, ...tables,
      ...figures.map((each) => (each.name in HANDLED ? each.configure({ edit: HANDLED[each.name] }) : each)),
      UndoRedo, Gapcursor, Dropcursor.configure({ class: "drop-here", color: false, width: 3 }),
      Placeholder.configure({ placeholder: "Write the story…" }), Pasting, Keys,
    ],
    editorProps: {
      attributes: { role: "textbox", "aria-multiline": "true", "aria-labelledby": label.id, dir: "auto", ...(field.lang ? { lang: field.lang } : {}), spellcheck: "true" },
      handleClick: (view, _pos, event) => event.target === view.dom && below(editor, event),
    },
    onUpdate: () => {
      field.value = write(editor.state.doc, sources);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
  const load = (html) => {
    const found = read(editor.schema, html);
    sources = found.sources;
    const doc = editor.schema.topNodeType.create(null, found.nodes);
    editor.view.updateState(EditorState.create({ doc, plugins: editor.state.plugins }));
  };
  load(field.value);
  frame.append(...(editor.isEditable ? toolbar(editor) : []), page);
  label.addEventListener("click", () => editor.commands.focus());
  field.room = { editor, load: (html) => { field.value = html; load(html); }, stored: () => write(editor.state.doc, sources), rewritten: () => write(editor.state.doc, new WeakMap()) };
  return editor;
}

/** A click below the last block gets a paragraph to write in, if that block can't be written in itself. */
function below(editor, event) {
  const last = editor.view.dom.lastElementChild;
  if (!last || event.clientY < last.getBoundingClientRect().bottom || editor.state.doc.lastChild.type.name === "paragraph") return false;
  const end = editor.state.doc.content.size;
  return editor.chain().insertContentAt(end, { type: "paragraph" }).focus("end").run();
}
