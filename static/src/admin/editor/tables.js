// Tables with captions and header, body and footer rows. ProseMirror's tables are rows only, so each row remembers
// the part it stands in, and the table its caption; `finish` in reading.js builds the parts again.

import { Table, TableCell, TableHeader, TableRow } from "@tiptap/extension-table";
import { kept, tongue } from "./attributes.js";

const cell = (tag, attributes) => ({
  content: "block+",
  addAttributes() {
    return { ...this.parent?.(), ...kept(...attributes), ...tongue };
  },
  parseHTML: () => [{ tag }],
  renderHTML: ({ HTMLAttributes: { colwidth, align, style, ...rest } }) => [tag, rest, 0],
});

const said = (name) => ({
  default: null,
  parseHTML: (element) => element.getAttribute(`data-${name}`),
  renderHTML: (attributes) => (attributes[name] === null ? {} : { [`data-${name}`]: attributes[name] }),
});

export const tables = [
  Table.extend({
    addAttributes: () => ({ caption: said("caption"), ...tongue }),
    renderHTML: ({ HTMLAttributes }) => ["table", HTMLAttributes, ["tbody", 0]],
  }).configure({ resizable: false, View: null }),
  TableRow.extend({
    addAttributes: () => ({ part: said("part"), apart: said("apart"), ...tongue }),
    renderHTML: ({ HTMLAttributes }) => ["tr", HTMLAttributes, 0],
  }),
  TableHeader.extend(cell("th", ["scope"])),
  TableCell.extend(cell("td", [])),
];
