// What the toolbar and its keys ask before they put something into the text.

import { ask, desk, make } from "./asking.js";
import { choosePicture, choosePictures, chooseRecording } from "./pictures.js";

/** Link the selected words; with none selected, ask for them too. Our own stories are found by their words. */
export async function askAddress(editor) {
  const { from, to, empty } = editor.state.selection;
  const before = editor.getAttributes("link").href ?? "";
  const linked = editor.isActive("link");
  const fields = [{ name: "href", label: "Address, or words of a story of ours", value: before, autocomplete: "off", autocapitalize: "off", required: true }];
  if (empty && !linked) fields.push({ name: "said", label: "Words to show" });
  const asked = ask(linked ? "Change this link" : "Link", fields, { act: linked ? "Change" : "Link", others: linked ? [{ name: "unlink", label: "Remove the link" }] : [] });
  suggestStories(document.querySelector('dialog.ask input[name="href"]'));
  const answer = await asked;
  const chain = editor.chain().focus();
  if (!answer) return chain.run();
  if (answer.chosen === "unlink") return chain.extendMarkRange("link").unsetMark("link").run();
  const href = tidy(answer.href);
  if (!href) return chain.run();
  if (empty && !linked) {
    const text = answer.said.trim() || href.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "");
    return chain.insertContent([{ type: "text", text, marks: [{ type: "link", attrs: { href } }] }]).run();
  }
  return (linked ? chain.extendMarkRange("link") : chain.setTextSelection({ from, to })).setMark("link", { href }).run();
}

/** An address as people type them: `example.org/x`, `desk@example.org` and `/our/story/` too. */
export function tidy(typed) {
  const address = typed.trim();
  if (/^(https?:\/\/|mailto:|tel:|\/[^/])/i.test(address)) return address;
  if (/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(address)) return `mailto:${address}`;
  return /^[^\s/]+\.[^\s/]{2,}(\/\S*)?$/.test(address) ? `https://${address}` : "";
}

function suggestStories(field) {
  const list = make("div", { class: "found", "aria-live": "polite" });
  field.after(list);
  let waiting;
  field.addEventListener("input", () => {
    field.setCustomValidity(field.value.trim() && !tidy(field.value) ? "Type a web address, or choose a story below." : "");
    clearTimeout(waiting);
    if (tidy(field.value) || field.value.trim().length < 3) return list.replaceChildren();
    waiting = setTimeout(async () => {
      const { data } = await desk(`/search/suggest?q=${encodeURIComponent(field.value)}`).catch(() => ({ data: [] }));
      list.replaceChildren(...data.map((story) => make("button", { type: "button", onclick: () => pick(story) }, story.headline)));
    }, 200);
  });
  const pick = (story) => {
    field.value = new URL(story.url, location.origin).pathname;
    field.setCustomValidity("");
    list.replaceChildren();
    field.focus();
  };
}

export async function askEmbed(editor) {
  const answer = await ask("Post, film or map", [
    { name: "url", label: "Its address", type: "url", required: true, hint: "YouTube, Vimeo, Bluesky, Mastodon, X, Instagram, TikTok, OpenStreetMap. You can also paste the address into an empty line." },
    { name: "said", label: "What it shows, in a few words" },
  ], { act: "Insert" });
  if (!answer) return editor.commands.focus();
  const known = await embedAt(answer.url);
  if (known) return editor.chain().focus().insertContent({ type: "embed", attrs: { class: known.class, href: known.url, said: answer.said.trim() } }).run();
  return editor.chain().focus().insertContent([{ type: "text", text: answer.said.trim() || answer.url, marks: [{ type: "link", attrs: { href: answer.url } }] }]).run();
}

/** What the desk knows an address as, or null: an embed's class and canonical address. */
export async function embedAt(url) {
  const { embed } = await desk(`/admin/embed?url=${encodeURIComponent(url)}`).catch(() => ({ embed: null }));
  return embed;
}

export async function askPicture(editor, file) {
  const media = await choosePicture(file instanceof File ? file : undefined);
  if (!media) return editor.commands.focus();
  return editor.chain().focus().insertContent(pictureOf(media)).run();
}

export async function askGallery(editor) {
  const chosen = await choosePictures();
  if (!chosen.length) return editor.commands.focus();
  return editor.chain().focus().insertContent({ type: "figure", attrs: { class: "gallery" }, content: chosen.map(pictureOf) }).run();
}

export async function askRecording(editor) {
  const media = await chooseRecording();
  if (!media) return editor.commands.focus();
  const { src, kind, alt } = media;
  return editor.chain().focus().insertContent({ type: "embed", attrs: { class: kind, href: src, said: alt }, content: captionOf(media) }).run();
}

function pictureOf(media) {
  const { src, alt, width, height } = media;
  return { type: "picture", attrs: { src, alt, width: String(width), height: String(height) }, content: captionOf(media) };
}

function captionOf({ caption, credit }) {
  const words = [caption && { type: "text", text: credit ? `${caption} ` : caption }, credit && { type: "text", text: credit, marks: [{ type: "small" }] }];
  return words.filter(Boolean);
}

/** A picture that stands in the text: its description, its width on the page, where it leads. */
export async function editPicture(editor, pos) {
  const node = editor.state.doc.nodeAt(pos);
  const answer = await ask("Picture", [
    { name: "alt", label: "Description for those who don't see it", value: node.attrs.alt ?? "", rows: 2, maxlength: 500, hint: "Empty only if the picture is decoration." },
    { name: "class", label: "Width on the page", value: node.attrs.class ?? "", options: [["", "As wide as the text"], ["wide", "Wider than the text"], ["full", "From edge to edge"], ["inset", "Small, inset"]] },
    { name: "href", label: "Leads to (optional)", value: node.attrs.href ?? "" },
  ], { others: [{ name: "remove", label: "Remove from the text", grave: true }] });
  if (!answer) return;
  if (answer.chosen === "remove") return editor.chain().focus().setNodeSelection(pos).deleteSelection().run();
  const attrs = { ...node.attrs, alt: answer.alt.trim(), class: answer.class || null, href: tidy(answer.href) || null };
  editor.view.dispatch(editor.state.tr.setNodeMarkup(pos, null, attrs));
}

export async function editKept(editor, pos) {
  const node = editor.state.doc.nodeAt(pos);
  const answer = await ask("Kept as it is", [{ name: "html", label: "HTML", value: node.attrs.html, rows: 12, spellcheck: "false", hint: "Saved through the same checks as everything else." }], {
    others: [{ name: "remove", label: "Remove from the text", grave: true }],
  });
  if (!answer) return;
  if (answer.chosen === "remove") return editor.chain().focus().setNodeSelection(pos).deleteSelection().run();
  editor.view.dispatch(editor.state.tr.setNodeMarkup(pos, null, { html: answer.html }));
}

export async function editCaption(editor) {
  const { $from } = editor.state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (node.type.name !== "table") continue;
    const pos = $from.before(depth);
    const words = make("div", {});
    words.innerHTML = node.attrs.caption ?? "";
    const answer = await ask("Table caption", [{ name: "caption", label: "Caption", value: words.textContent }]);
    if (!answer) return editor.commands.focus();
    const caption = answer.caption.trim() ? make("div", {}, answer.caption.trim()).innerHTML : null;
    editor.view.dispatch(editor.state.tr.setNodeMarkup(pos, null, { ...node.attrs, caption }));
    return editor.commands.focus();
  }
}
