// Every inline element that the sanitiser lets through, as a mark.

import { Mark, markInputRule } from "@tiptap/core";
import { kept, tongue } from "./attributes.js";

/** A mark of one element. `layered`: it may stand within itself, with other attributes. */
function mark(name, { tags = [name], attributes = [], layered = false, keys = {}, rules = [], ...more } = {}) {
  return Mark.create({
    name,
    ...(layered ? { excludes: "" } : {}),
    ...more,
    addAttributes: () => ({
      tag: { default: tags[0], rendered: false, parseHTML: (element) => element.localName },
      ...kept(...attributes),
      ...tongue,
    }),
    parseHTML: () => tags.map((tag) => ({ tag })),
    renderHTML: ({ mark, HTMLAttributes }) => [mark.attrs.tag, HTMLAttributes, 0],
    addKeyboardShortcuts() {
      return Object.fromEntries(keys.toggle ? [[keys.toggle, () => this.editor.commands.toggleMark(name)]] : []);
    },
    addInputRules() {
      return rules.map((find) => markInputRule({ find, type: this.type }));
    },
  });
}

export const marks = [
  mark("link", {
    tags: ["a"],
    attributes: ["href", "title"],
    inclusive: false,
    exitable: true,
    priority: 1000,
  }),
  mark("bold", { tags: ["strong", "b"], keys: { toggle: "Mod-b" }, rules: [/(?:^|\s)(\*\*(?!\s)((?:[^*]+))\*\*)$/] }),
  mark("italic", { tags: ["em", "i"], keys: { toggle: "Mod-i" }, rules: [/(?:^|\s)(_(?!\s)((?:[^_]+))_)$/] }),
  mark("underline", { tags: ["u"], keys: { toggle: "Mod-u" } }),
  mark("strike", { tags: ["s"], keys: { toggle: "Mod-Shift-s" } }),
  mark("code", { exitable: true, keys: { toggle: "Mod-e" }, rules: [/(?:^|\s)(`([^`]+)`)$/] }),
  mark("subscript", { tags: ["sub"], keys: { toggle: "Mod-," } }),
  mark("superscript", { tags: ["sup"], keys: { toggle: "Mod-." } }),
  mark("highlight", { tags: ["mark"] }),
  ...["small", "kbd", "del", "ins"].map((name) => mark(name)),
  mark("cite", { layered: true }),
  mark("q", { attributes: ["cite"], layered: true }),
  mark("abbr", { attributes: ["title"], layered: true }),
  mark("time", { attributes: ["datetime"], layered: true }),
  ...["bdi", "bdo", "span"].map((name) => mark(name, { layered: true })),
];
