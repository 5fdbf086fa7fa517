// Pasting: words and their structure from Word, Docs and the web, without anybody's styles; an address on words
// makes a link of them, and on an empty line the post or film that it names; a picture file goes to the library.

import { Extension } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";
import { askPicture, embedAt } from "./inserting.js";
import { prepare } from "./reading.js";

export const Pasting = Extension.create({
  name: "pasting",
  addProseMirrorPlugins() {
    const { editor } = this;
    return [
      new Plugin({
        props: {
          transformPastedHTML: tidyPasted,
          handlePaste: (_view, event) => pastedFile(editor, event.clipboardData) || pastedAddress(editor, event.clipboardData),
          handleDrop: (_view, event, _slice, moved) => !moved && pastedFile(editor, event.dataTransfer),
        },
      }),
    ];
  },
});

function pastedFile(editor, data) {
  const file = [...(data?.files ?? [])].find((each) => each.type.startsWith("image/"));
  if (!file || data.types.includes("text/html")) return false;
  askPicture(editor, file);
  return true;
}

function pastedAddress(editor, data) {
  const text = data?.getData("text/plain").trim() ?? "";
  if (!/^https?:\/\/\S+$/.test(text)) return false;
  const { empty, $from } = editor.state.selection;
  if (!empty) return editor.chain().setMark("link", { href: text }).run();
  const alone = $from.parent.type.name === "paragraph" && !$from.parent.content.size;
  const start = $from.pos;
  editor.chain().insertContent([{ type: "text", text, marks: [{ type: "link", attrs: { href: text } }] }]).unsetMark("link").run();
  if (alone) becomeEmbed(editor, start, text);
  return true;
}

/** The link just pasted on a line of its own becomes what it names, unless it has been touched meanwhile. */
async function becomeEmbed(editor, start, text) {
  const known = await embedAt(text);
  if (!known || editor.isDestroyed || start > editor.state.doc.content.size) return;
  const $at = editor.state.doc.resolve(start);
  if ($at.parent.textContent !== text) return;
  const embed = { type: "embed", attrs: { class: known.class, href: known.url } };
  editor.chain().insertContentAt({ from: $at.before(), to: $at.after() }, [embed, { type: "paragraph" }]).run();
}

const KEPT = { a: ["href"], ol: ["start", "type"], td: ["colspan", "rowspan"], th: ["colspan", "rowspan", "scope"], img: ["src", "alt", "width", "height"], figure: ["class"], aside: ["class"] };
const RENAMED = { h1: "h2", h5: "h4", h6: "h4", div: "p", section: "p", article: "p", header: "p", footer: "p", main: "p" };

export function tidyPasted(html) {
  if (html.includes("data-pm-slice")) return html; // from an editor like this one
  const unstyled = html.replaceAll(/<[^>]+>/g, (tag) => tag.replaceAll(/\sstyle\s*=/gi, " data-css=")); // never applied, only read
  const holder = new DOMParser().parseFromString(unstyled, "text/html").body;
  for (const each of holder.querySelectorAll("style, script, meta, link, title, xml, template, noscript, svg, iframe, object, form, button, input")) each.remove();
  for (const each of [...holder.querySelectorAll("*")]) if (each.localName.includes(":")) each.replaceWith(...each.childNodes);
  listsOfWord(holder);
  for (const each of [...holder.querySelectorAll("*")]) marksOfStyles(each);
  for (const each of [...holder.querySelectorAll("div, section, article, header, footer, main")]) {
    if (each.querySelector("p, div, h1, h2, h3, h4, h5, h6, ul, ol, table, blockquote, pre, figure")) each.replaceWith(...each.childNodes);
  }
  for (const [from, to] of Object.entries(RENAMED)) for (const each of holder.querySelectorAll(from)) rename(each, to);
  for (const image of holder.querySelectorAll("img")) if (!/^\/media\//.test(image.getAttribute("src") ?? "")) image.remove();
  for (const each of holder.querySelectorAll("*")) {
    for (const { name } of [...each.attributes]) if (!KEPT[each.localName]?.includes(name)) each.removeAttribute(name);
  }
  for (const link of holder.querySelectorAll("a")) straighten(link);
  for (const each of [...holder.querySelectorAll("span, font")]) each.replaceWith(...each.childNodes);
  const words = document.createTreeWalker(holder, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) words.currentNode.data = words.currentNode.data.replaceAll(/[\u00a0\n\r\t ]+/g, (gap) => (gap === "\u00a0" ? gap : " "));
  for (const each of holder.querySelectorAll(":is(p, h2, h3, h4, ul, ol, table, blockquote) + br")) each.remove();
  for (const each of [...holder.querySelectorAll("p, h2, h3, h4")]) if (!each.textContent.trim() && !each.querySelector("img")) each.remove();
  prepare(holder);
  return holder.innerHTML;
}

/** Word writes lists as paragraphs with a bullet typed in front. */
function listsOfWord(holder) {
  let lists = [];
  for (const line of [...holder.querySelectorAll("p, h1, h2, h3")]) {
    const level = Number(/mso-list:[^;"]*level(\d+)/.exec(line.dataset.css ?? "")?.[1] ?? 0);
    if (!level) {
      lists = [];
      continue;
    }
    const bullet = [...line.querySelectorAll("span")].find((each) => /mso-list:\s*ignore/i.test(each.dataset.css ?? ""));
    const ordered = /^\s*(\d+|[a-z]|[ivx]+)[.)]/i.test(bullet?.textContent ?? "");
    bullet?.remove();
    lists.length = Math.min(lists.length, level);
    while (lists.length < level) {
      const list = document.createElement(ordered ? "ol" : "ul");
      const above = lists.at(-1)?.lastElementChild;
      if (above) above.append(list);
      else line.before(list);
      lists.push(list);
    }
    const item = document.createElement("li");
    item.append(...line.childNodes);
    lists.at(-1).append(item);
    line.remove();
  }
}

/** Docs writes bold and italic as styles, and a <b> that isn't bold around everything. */
function marksOfStyles(element) {
  const css = Object.fromEntries((element.dataset.css ?? "").split(";").map((rule) => rule.split(":").map((part) => part.trim().toLowerCase())));
  const weight = css["font-weight"];
  if (element.localName === "b" && (weight === "normal" || weight === "400")) return element.replaceWith(...element.childNodes);
  if (element.localName !== "span") return;
  const tags = [
    (weight === "bold" || Number(weight) >= 600) && "strong",
    css["font-style"] === "italic" && "em",
    (css["text-decoration-line"] ?? css["text-decoration"] ?? "").includes("line-through") && "s",
    css["vertical-align"] === "sub" && "sub",
    css["vertical-align"] === "super" && "sup",
  ].filter(Boolean);
  for (const tag of tags) {
    const mark = document.createElement(tag);
    mark.append(...element.childNodes);
    element.append(mark);
  }
}

function rename(element, to) {
  const made = document.createElement(to);
  made.append(...element.childNodes);
  element.replaceWith(made);
}

/** Docs leads links through its own counter. */
function straighten(link) {
  let href = link.getAttribute("href") ?? "";
  if (/^https:\/\/www\.google\.com\/url\?/.test(href)) href = new URL(href).searchParams.get("q") ?? href;
  if (/^(https?:|mailto:|tel:|\/)/i.test(href)) link.setAttribute("href", href);
  else link.replaceWith(...link.childNodes);
}
