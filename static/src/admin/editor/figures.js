// Pictures, embeds, every other figure, and whatever the editor has no better place for, kept as it is.

import { Node } from "@tiptap/core";
import { kept, tongue } from "./attributes.js";

const LINKED = "figure.embed, figure.audio, figure.video";
const RECORDED = { audio: "Audio", video: "Video" };
const PICTURE = ["src", "alt", "width", "height", "title", "loading"];

/** Where the desk shows a picture from: readers' addresses answer only for what is published. */
export function shown(src) {
  return src.replace(/^\/media\//, "/admin/media/file/");
}

const Image = Node.create({
  name: "image",
  group: "inline",
  inline: true,
  draggable: true,
  addAttributes: () => ({ ...kept(...PICTURE), ...tongue }),
  parseHTML: () => [{ tag: "img[src]" }],
  renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
  addNodeView: () => ({ node }) => ({ dom: imageElement(node.attrs) }),
});

/** A figure of one image and a caption of words. `href`: what the image links to. */
const Picture = Node.create({
  name: "picture",
  group: "block",
  content: "inline*",
  isolating: true,
  draggable: true,
  addAttributes: () => ({
    ...Object.fromEntries(PICTURE.map((name) => [name, { default: null, rendered: false }])),
    href: { default: null, rendered: false },
    hrefTitle: { default: null, rendered: false },
    ...kept("class"),
    ...tongue,
  }),
  parseHTML: () => [{ tag: "figure", priority: 60, getAttrs: pictureIn, contentElement: captionOf }],
  renderHTML: ({ node, HTMLAttributes }) => {
    const { href, hrefTitle, ...attrs } = node.attrs;
    const image = ["img", Object.fromEntries(PICTURE.map((name) => [name, attrs[name]]))];
    return ["figure", HTMLAttributes, href ? ["a", { href, title: hrefTitle }, image] : image, ["figcaption", 0]];
  },
  addOptions: () => ({ edit: () => {} }),
  addNodeView() {
    return ({ node, getPos, editor }) => framed("picture", "Picture", node, editor, () => this.options.edit(editor, getPos()));
  },
  addKeyboardShortcuts: leaveByEnter,
});

/** A figure of one link: to somebody else's post, film or map, or to a recording of ours. */
const Embed = Node.create({
  name: "embed",
  group: "block",
  content: "inline*",
  isolating: true,
  draggable: true,
  addAttributes: () => ({
    href: { default: null, rendered: false },
    said: { default: "", rendered: false },
    ...kept("class"),
    ...tongue,
  }),
  parseHTML: () => [{ tag: LINKED, priority: 61, getAttrs: embedIn, contentElement: captionOf }],
  renderHTML: ({ node, HTMLAttributes }) => [
    "figure", HTMLAttributes, ["a", { href: node.attrs.href }, node.attrs.said || node.attrs.href], ["figcaption", 0],
  ],
  addNodeView: () => ({ node, editor }) => framed("embed", RECORDED[node.attrs.class] ?? "Embed", node, editor),
  addKeyboardShortcuts: leaveByEnter,
});

const Figure = Node.create({
  name: "figure",
  group: "block",
  content: "(block | caption)+",
  defining: true,
  addAttributes: () => ({ ...kept("class"), ...tongue }),
  parseHTML: () => [{ tag: "figure" }],
  renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes, 0],
});

const Caption = Node.create({
  name: "caption",
  content: "block+",
  defining: true,
  addAttributes: () => ({ ...tongue }),
  parseHTML: () => [{ tag: "figcaption" }],
  renderHTML: ({ HTMLAttributes }) => ["figcaption", HTMLAttributes, 0],
});

/** Markup that has no place in the schema: shown, moved and deleted as one, and saved exactly as it came. */
const Kept = Node.create({
  name: "kept",
  group: "block",
  atom: true,
  draggable: true,
  addAttributes: () => ({
    html: {
      default: "",
      parseHTML: (element) => element.getAttribute("data-kept"),
      renderHTML: ({ html }) => ({ "data-kept": html }),
    },
  }),
  parseHTML: () => [{ tag: "div[data-kept]" }],
  renderHTML: ({ HTMLAttributes }) => ["div", HTMLAttributes],
  addOptions: () => ({ edit: () => {} }),
  addNodeView() {
    return ({ node, getPos, editor }) => {
      const dom = element("div", "held-block kept");
      const held = element("div", "held");
      held.append(...new DOMParser().parseFromString(node.attrs.html, "text/html").body.childNodes);
      for (const image of held.querySelectorAll("img")) image.src = shown(image.getAttribute("src"));
      dom.append(label("Kept as it is", "Edit as HTML", editor, () => this.options.edit(editor, getPos())), held);
      return { dom };
    };
  },
});

export const figures = [Image, Picture, Embed, Figure, Caption, Kept];

export function pictureIn(figure) {
  if (figure.matches(LINKED)) return false;
  const [first, ...others] = contentOf(figure);
  const linked = first?.localName === "a" && contentOf(first).length === 1 && !first.hasAttribute("lang") && !first.hasAttribute("dir");
  const image = linked ? first.firstChild : first;
  if (image?.localName !== "img" || !isCaption(others)) return false;
  const attrs = Object.fromEntries(PICTURE.map((name) => [name, image.getAttribute(name)]));
  if (linked) Object.assign(attrs, { href: first.getAttribute("href"), hrefTitle: first.getAttribute("title") });
  return attrs;
}

export function embedIn(figure) {
  const [link, ...others] = contentOf(figure);
  const plain = link?.localName === "a" && !link.childElementCount && link.attributes.length === 1;
  return plain && isCaption(others) ? { href: link.getAttribute("href"), said: link.textContent } : false;
}

function isCaption(nodes) {
  if (nodes.length > 1 || (nodes[0] && nodes[0].localName !== "figcaption")) return false;
  return !nodes[0] || (!nodes[0].attributes.length && ![...nodes[0].children].some((each) => BLOCKY.has(each.localName)));
}

export const BLOCKY = new Set(
  "p h2 h3 h4 ul ol li pre hr figcaption table caption thead tbody tfoot tr td th dl dt dd aside blockquote figure div".split(" "),
);

function contentOf(parent) {
  return [...parent.childNodes].filter((node) => node.nodeType === 1 || node.textContent.trim());
}

function captionOf(figure) {
  return figure.querySelector(":scope > figcaption") ?? document.createElement("figcaption");
}

// --- How they look in the editor ---------------------------------------------------------------------------

function framed(kind, name, node, editor, edit) {
  const dom = element("figure", `held-block ${kind} ${node.attrs.class ?? ""}`);
  const contentDOM = element("figcaption", "");
  contentDOM.dataset.empty = "Caption";
  const shownAs = element("div", "held");
  shownAs.contentEditable = "false";
  if (kind === "picture") shownAs.append(imageElement(node.attrs));
  else if (node.attrs.class in RECORDED) shownAs.append(player(node.attrs));
  else shownAs.append(element("strong", "", kindOf(node.attrs.class)), " ", element("span", "", node.attrs.said || node.attrs.href));
  const editable = edit ? label(name, node.attrs.alt ? "Edit picture" : "Describe this picture", editor, edit) : label(name);
  dom.append(editable, shownAs, contentDOM);
  const markEmpty = (of) => contentDOM.classList.toggle("empty", of.content.size === 0);
  markEmpty(node);
  return {
    dom,
    contentDOM,
    stopEvent: (event) => event.target.closest?.("button") !== null && event.type !== "drop",
    ignoreMutation: (mutation) => mutation.type !== "selection" && !contentDOM.contains(mutation.target),
    update(next) {
      if (next.type !== node.type || JSON.stringify(next.attrs) !== JSON.stringify(node.attrs)) return false;
      markEmpty(next);
      return true;
    },
  };
}

function player({ class: kind, href, said }) {
  const made = element(kind, "");
  Object.assign(made, { controls: true, preload: "none", src: shown(href ?? "") });
  made.setAttribute("aria-label", said);
  const box = element("div", "recording");
  box.append(element("strong", "", said), made);
  return box;
}

function kindOf(css) {
  const kind = (css ?? "").split("embed-")[1] ?? "";
  return { youtube: "YouTube", vimeo: "Vimeo", bluesky: "Bluesky", mastodon: "Mastodon", x: "X", instagram: "Instagram", tiktok: "TikTok", map: "Map" }[kind] ?? "Embed";
}

function label(name, act, editor, edit) {
  const bar = element("div", "frame-label");
  bar.contentEditable = "false";
  bar.append(element("span", "", name));
  if (act && editor.isEditable) {
    const button = element("button", "small", act);
    button.type = "button";
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", edit);
    bar.append(button);
  }
  return bar;
}

function imageElement(attrs) {
  const image = element("img", "");
  image.src = shown(attrs.src ?? "");
  image.alt = attrs.alt ?? "";
  return image;
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** Enter in a caption goes on below the figure. */
function leaveByEnter() {
  return {
    Enter: ({ editor }) => {
      const { $from } = editor.state.selection;
      if ($from.parent.type.name !== this.name) return false;
      const after = $from.after();
      return editor.chain().insertContentAt(after, { type: "paragraph" }).setTextSelection(after + 1).run();
    },
  };
}
