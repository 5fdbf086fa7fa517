// From a stored body to the editor's document and back.
//
// A block that nobody has touched is saved exactly as it came: each top-level node remembers its source, and
// ProseMirror makes a new node of whatever changes. A block that the schema cannot hold without loss (found by
// writing it back and comparing) is put in a `kept` node, whole.

import { DOMParser as Parser, DOMSerializer, Fragment } from "@tiptap/pm/model";
import { BLOCKY, embedIn, pictureIn } from "./figures.js";

const NEEDS_BLOCKS = "li, dd, blockquote, aside, td, th, figure, figcaption";
const STRUCTURE = "ul, ol, dl, table, thead, tbody, tfoot, tr";
const GAP = /^[ \t\n\r\f]*$/;

/** The document's nodes, and the source of each that has one. */
export function read(schema, html) {
  const sources = new WeakMap();
  const nodes = [];
  for (const { holder, source } of pieces(html)) {
    prepare(holder);
    const found = childrenOf(Parser.fromSchema(schema).parse(holder, { preserveWhitespace: true }));
    const same = signature(elementOf(written(found))) === signature(elementOf(source));
    const node = found.length === 1 && same ? found[0] : schema.nodes.kept.create({ html: source });
    sources.set(node, source);
    nodes.push(node);
  }
  return { nodes: nodes.length ? nodes : [schema.nodes.paragraph.create()], sources };
}

/** The document as it is to be stored. */
export function write(doc, sources) {
  const nodes = childrenOf(doc);
  if (nodes.length === 1 && nodes[0].type.name === "paragraph" && !nodes[0].content.size && !sources.has(nodes[0])) return "";
  return nodes.map((node, place) => {
    if (node.attrs.bare && [nodes[place - 1], nodes[place + 1]].some((beside) => beside?.attrs.bare)) {
      return written([node.type.create({ ...node.attrs, bare: false }, node.content)]); // or two would run together
    }
    return sources.get(node) ?? written([node]);
  }).join("");
}

/** Make foreign or stored markup such that the schema's rules find everything in its place. */
export function prepare(holder) {
  for (const caption of holder.querySelectorAll("table > caption")) {
    if (!caption.attributes.length) {
      caption.parentElement.dataset.caption = caption.innerHTML;
      caption.remove();
    }
  }
  for (const row of holder.querySelectorAll("tr")) {
    const part = row.parentElement;
    if (part.localName !== "tbody") row.dataset.part = part.localName;
    if (row === part.firstElementChild && part.previousElementSibling?.localName === part.localName) row.dataset.apart = "1";
  }
  for (const each of holder.querySelectorAll(STRUCTURE)) dropGaps(each);
  for (const each of [holder, ...holder.querySelectorAll(NEEDS_BLOCKS)]) {
    const figure = each.closest("figure");
    if (figure && holder.contains(figure) && (each === figure || each.parentElement === figure) && (figure.classList.contains("embed") ? embedIn(figure) : pictureIn(figure))) continue;
    wrapRuns(each);
    if (each !== holder && !each.firstElementChild) each.append(bare());
  }
}

/** Undo what `prepare` did, and what only the editor needs. */
function finish(holder) {
  for (const kept of holder.querySelectorAll("[data-kept]")) {
    kept.replaceWith(...elementOf(kept.dataset.kept).childNodes);
  }
  for (const caption of holder.querySelectorAll("figcaption")) if (!caption.childNodes.length) caption.remove();
  for (const table of holder.querySelectorAll("table")) buildParts(table);
  for (const words of holder.querySelectorAll("p[data-bare]")) {
    const beside = [words.previousElementSibling, words.nextElementSibling];
    words.dataset.bare = words.attributes.length > 1 || beside.some((each) => each?.matches("p[data-bare]")) ? "no" : "yes";
  }
  for (const words of [...holder.querySelectorAll("p[data-bare]")]) {
    if (words.dataset.bare === "yes") words.replaceWith(...words.childNodes);
    else words.removeAttribute("data-bare");
  }
  return holder;
}

function written(nodes) {
  if (!nodes.length) return "";
  const serializer = DOMSerializer.fromSchema(nodes[0].type.schema);
  const holder = document.implementation.createHTMLDocument("").body;
  holder.append(serializer.serializeFragment(Fragment.from(nodes), { document: holder.ownerDocument }));
  return finish(holder).innerHTML;
}

// --- Taking a body apart -----------------------------------------------------------------------------------

/** Each top-level block, or run of words between blocks, with its own source. */
function pieces(html) {
  const found = [];
  let run = null;
  for (const node of [...elementOf(html).childNodes]) {
    const isBlock = node.nodeType === 1 && BLOCKY.has(node.localName);
    if (!isBlock && !run && GAP.test(node.textContent) && node.nodeType === 3) {
      if (found.length) found.at(-1).source += markup(node);
      continue;
    }
    if (isBlock || !run) {
      found.push({ holder: elementOf(""), source: "" });
      run = isBlock ? null : found.at(-1);
    }
    found.at(-1).source += markup(node);
    found.at(-1).holder.append(node);
  }
  return found;
}

function wrapRuns(parent) {
  let run = [];
  const end = () => {
    const words = run;
    run = [];
    if (words.every((node) => node.nodeType === 3 && GAP.test(node.textContent))) {
      words.forEach((node) => node.remove());
    } else {
      const around = bare();
      words[0].before(around);
      around.append(...words);
    }
  };
  for (const node of [...parent.childNodes]) {
    if (node.nodeType === 1 && BLOCKY.has(node.localName)) end();
    else run.push(node);
  }
  if (run.length) end();
}

function dropGaps(parent) {
  for (const node of [...parent.childNodes]) if (node.nodeType === 3 && GAP.test(node.textContent)) node.remove();
}

function bare() {
  const words = document.createElement("p");
  words.dataset.bare = "";
  return words;
}

function elementOf(html) {
  return new DOMParser().parseFromString(`<!doctype html><body>${html}`, "text/html").body;
}

function markup(node) {
  const holder = document.createElement("div");
  holder.append(node.cloneNode(true));
  return holder.innerHTML;
}

function childrenOf(doc) {
  const nodes = [];
  doc.forEach((node) => nodes.push(node));
  return nodes;
}

// --- Putting tables together -------------------------------------------------------------------------------

function buildParts(table) {
  const rows = [...table.querySelectorAll(":scope > tbody > tr")];
  const caption = table.dataset.caption;
  delete table.dataset.caption;
  if (rows.length) table.replaceChildren();
  if (caption !== undefined) {
    const made = document.createElement("caption");
    made.innerHTML = caption;
    table.prepend(made);
  }
  let part = null;
  for (const row of rows) {
    const { part: name = "tbody", apart } = row.dataset;
    if (!part || part.localName !== name || apart) table.append((part = document.createElement(name)));
    row.removeAttribute("data-part");
    row.removeAttribute("data-apart");
    for (const cell of row.cells) {
      for (const span of ["colspan", "rowspan"]) if (cell.getAttribute(span) === "1") cell.removeAttribute(span);
    }
    part.append(row);
  }
}

// --- Whether two pieces of markup say the same -------------------------------------------------------------

/** Everything but the order in which marks are nested, and how a span of one cell is written. */
function signature(holder) {
  const said = [];
  const walk = (node, marks) => {
    if (node.nodeType === 3) {
      const text = node.parentElement.closest("pre") ? node.data : node.data.replaceAll(/[\n\r]/g, " ");
      const blocksBeside = [...node.parentElement.childNodes].some((each) => BLOCKY.has(each.localName));
      if (!text || (GAP.test(text) && (blocksBeside || node.parentElement.matches(`${STRUCTURE}, body`)))) return;
      const marked = marks.toSorted().join("");
      if (said.at(-1)?.marked === marked) said.at(-1).text += text;
      else said.push({ marked, text });
      return;
    }
    const open = `<${[node.localName, ...[...node.attributes].filter((a) => !(/span$/.test(a.name) && a.value === "1")).map((a) => `${a.name}=${JSON.stringify(a.value)}`).toSorted()].join(" ")}>`;
    const alone = BLOCKY.has(node.localName) || node.localName === "img" || node.localName === "br";
    if (alone) said.push({ text: open, marked: alone && !BLOCKY.has(node.localName) ? marks.toSorted().join("") : null });
    for (const child of node.childNodes) walk(child, alone && BLOCKY.has(node.localName) ? [] : [...marks, open]);
    if (alone) said.push({ text: `</${node.localName}>`, marked: null });
  };
  for (const child of holder.childNodes) walk(child, []);
  return JSON.stringify(said);
}
