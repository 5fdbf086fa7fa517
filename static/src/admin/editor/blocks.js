// Every block that the sanitiser lets through, but for tables and figures.

import { Node, nodeInputRule, textblockTypeInputRule, wrappingInputRule } from "@tiptap/core";
import { BulletList, ListItem, ListKeymap, OrderedList } from "@tiptap/extension-list";
import { kept, tongue } from "./attributes.js";

const Document = Node.create({ name: "doc", topNode: true, content: "block+" });

const Text = Node.create({ name: "text", group: "inline" });

/** `bare`: words that stand in an item, a cell or a quotation without a paragraph around them. */
const Paragraph = Node.create({
  name: "paragraph",
  priority: 1000,
  group: "block",
  content: "inline*",
  addAttributes: () => ({
    bare: {
      default: false,
      parseHTML: (element) => element.hasAttribute("data-bare"),
      renderHTML: ({ bare }) => (bare ? { "data-bare": "" } : {}),
    },
    ...tongue,
  }),
  parseHTML: () => [{ tag: "p" }],
  renderHTML: ({ HTMLAttributes }) => ["p", HTMLAttributes, 0],
  addCommands() {
    return { setParagraph: () => ({ commands }) => commands.setNode(this.name) };
  },
  addKeyboardShortcuts() {
    return { "Mod-Alt-0": () => this.editor.commands.setParagraph() };
  },
});

const Heading = Node.create({
  name: "heading",
  group: "block",
  content: "inline*",
  defining: true,
  addAttributes: () => ({ level: { default: 2, rendered: false }, ...tongue }),
  parseHTML: () => [2, 3, 4].map((level) => ({ tag: `h${level}`, attrs: { level } })),
  renderHTML: ({ node, HTMLAttributes }) => [`h${node.attrs.level}`, HTMLAttributes, 0],
  addKeyboardShortcuts() {
    const toggle = (level) => () => this.editor.commands.toggleNode(this.name, "paragraph", { level });
    return Object.fromEntries([2, 3, 4].map((level) => [`Mod-Alt-${level}`, toggle(level)]));
  },
  addInputRules() {
    return [2, 3, 4].map((level) =>
      textblockTypeInputRule({ find: new RegExp(`^(#{${level}})\\s$`), type: this.type, getAttributes: { level } }),
    );
  },
});

/** A block around others: a quotation or an aside. */
function around(name, tag, attributes, more = {}) {
  return Node.create({
    name,
    group: "block",
    content: "block+",
    defining: true,
    addAttributes: () => ({ ...kept(...attributes), ...tongue }),
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
    ...more,
  });
}

const Blockquote = around("blockquote", "blockquote", ["cite"], {
  addKeyboardShortcuts() {
    return { "Mod-Shift-b": () => this.editor.commands.toggleWrap(this.name) };
  },
  addInputRules() {
    return [wrappingInputRule({ find: /^\s*>\s$/, type: this.type })];
  },
});

const Aside = around("aside", "aside", ["class"]);

const lists = [
  BulletList.extend({ addAttributes: () => ({ ...tongue }) }),
  OrderedList.extend({
    addAttributes: () => ({ ...kept("start", "type"), ...tongue }),
    renderHTML: ({ HTMLAttributes }) => ["ol", HTMLAttributes, 0],
  }),
  ListItem.extend({ content: "block+", addAttributes: () => ({ ...tongue }) }),
  ListKeymap,
];

const DefinitionList = Node.create({
  name: "definitionList",
  group: "block",
  content: "(term | definition)+",
  addAttributes: () => ({ ...tongue }),
  parseHTML: () => [{ tag: "dl" }],
  renderHTML: ({ HTMLAttributes }) => ["dl", HTMLAttributes, 0],
});

const Term = Node.create({
  name: "term",
  content: "inline*",
  defining: true,
  addAttributes: () => ({ ...tongue }),
  parseHTML: () => [{ tag: "dt" }],
  renderHTML: ({ HTMLAttributes }) => ["dt", HTMLAttributes, 0],
});

const Definition = around("definition", "dd", [], { group: "" });

/** `code`: whether a <code> stands within the <pre>. */
const CodeBlock = Node.create({
  name: "codeBlock",
  group: "block",
  content: "inline*",
  code: true,
  defining: true,
  addAttributes: () => ({
    code: { default: true, rendered: false, parseHTML: (element) => holdsOnlyCode(element) },
    ...tongue,
  }),
  parseHTML: () => [
    {
      tag: "pre",
      preserveWhitespace: "full",
      contentElement: (element) => (holdsOnlyCode(element) ? element.firstElementChild : element),
    },
  ],
  renderHTML: ({ node, HTMLAttributes }) =>
    node.attrs.code ? ["pre", HTMLAttributes, ["code", 0]] : ["pre", HTMLAttributes, 0],
  addKeyboardShortcuts() {
    const leave = () => this.editor.isActive(this.name) && this.editor.commands.exitCode();
    const lineBreak = () => this.editor.isActive(this.name) && this.editor.commands.insertContent({ type: "text", text: "\n" });
    return { "Mod-Enter": leave, "Shift-Enter": leave, Enter: lineBreak };
  },
  addInputRules() {
    return [textblockTypeInputRule({ find: /^```\s$/, type: this.type })];
  },
});

function holdsOnlyCode(pre) {
  const [only, ...others] = pre.childNodes;
  return !others.length && only?.nodeName === "CODE" && !only.attributes.length;
}

const HorizontalRule = Node.create({
  name: "horizontalRule",
  group: "block",
  addAttributes: () => ({ ...tongue }),
  parseHTML: () => [{ tag: "hr" }],
  renderHTML: ({ HTMLAttributes }) => ["hr", HTMLAttributes],
  addInputRules() {
    return [nodeInputRule({ find: /^(?:---|—-|___\s|\*\*\*\s)$/, type: this.type })];
  },
});

const HardBreak = Node.create({
  name: "hardBreak",
  group: "inline",
  inline: true,
  selectable: false,
  linebreakReplacement: false,
  addAttributes: () => ({ ...tongue }),
  parseHTML: () => [{ tag: "br" }],
  renderHTML: ({ HTMLAttributes }) => ["br", HTMLAttributes],
  renderText: () => "\n",
  addKeyboardShortcuts() {
    return { "Shift-Enter": () => this.editor.commands.insertContent({ type: this.name }) };
  },
});

export const blocks = [
  Document, Text, Paragraph, Heading, Blockquote, Aside, ...lists,
  DefinitionList, Term, Definition, CodeBlock, HorizontalRule, HardBreak,
];
