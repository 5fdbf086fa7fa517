// The picture picker: look through the library or add to it, and choose. Also the form's lead picture.

import { askField, desk, make, openDialog, token } from "./asking.js";

const LIBRARY = "/admin/pictures/";

const PICTURES = {
  title: "Choose a picture", kind: "", none: "No picture has these words.", upload: "Upload a new picture", field: "Picture file",
  shows: "Description, for those who don’t see it", takes: "image/jpeg,image/png,image/webp,image/gif,image/avif",
};
const RECORDINGS = {
  title: "Choose audio or video", kind: "recording", none: "No recording has these words.", upload: "Upload audio or video (MP3, M4A, WAV or MP4)",
  field: "Audio or video file", shows: "Title: what is heard or seen", takes: "audio/mpeg,audio/mp4,audio/x-m4a,audio/wav,video/mp4,.mp3,.m4a,.wav,.mp4",
};

/** Let somebody choose a picture; what the desk tells of it, or null. With `file`, begin with adding it. */
export async function choosePicture(file) {
  return (await pick(PICTURES, { file }))[0] ?? null;
}

/** Several pictures, in the order in which they were chosen. */
export function choosePictures() {
  return pick({ ...PICTURES, title: "Choose the gallery’s pictures" }, { several: true });
}

export async function chooseRecording() {
  return (await pick(RECORDINGS))[0] ?? null;
}

async function pick(kind, { file, several } = {}) {
  const chosen = [];
  const choose = (media) => (chosen.push(media), opened.dialog.close());
  const picked = [];
  const mark = (media, button) => {
    const at = picked.findIndex((each) => each.id === media.id);
    if (at < 0) picked.push(media);
    else picked.splice(at, 1);
    button?.setAttribute("aria-pressed", String(at < 0));
    use.textContent = `Use these (${picked.length})`;
    use.disabled = !picked.length;
  };
  const use = make("button", { type: "button", class: "main", disabled: true, onclick: () => (chosen.push(...picked), opened.dialog.close()) }, "Use these (0)");
  const added = (media) => {
    if (!several) return choose(media);
    mark(media);
    return load(true);
  };
  const grid = make("ul", { class: "pictures" });
  const said = make("p", { class: "hint", role: "status" });
  const more = make("button", { type: "button", hidden: true }, "Show more");
  const field = make("input", { type: "search", id: "find-picture", placeholder: "Words of its description, caption or credit", autofocus: !file });
  const mayUpload = document.querySelector("[data-lead][data-may-upload]");
  const find = make("div", { class: "find" }, make("label", { for: "find-picture" }, "Search the library"), field);
  const opened = openDialog(kind.title, [mayUpload ? uploadForm(kind, added, file) : "", find, grid, said, more, several ? make("div", { class: "answers" }, use) : ""], { wide: true });
  let before = null;
  const load = async (fresh) => {
    const asked = `${LIBRARY}?kind=${kind.kind}&q=${encodeURIComponent(field.value)}${fresh || !before ? "" : `&before=${before}`}`;
    const answer = await desk(asked).catch((trouble) => ({ data: [], before: null, trouble }));
    if (fresh) grid.replaceChildren();
    for (const media of answer.data) grid.append(tile(media, several ? mark : choose, several && picked.some((each) => each.id === media.id)));
    before = answer.before;
    more.hidden = !before;
    said.textContent = answer.trouble ? answer.trouble.message : grid.children.length ? "" : field.value ? kind.none : "The library is empty.";
  };
  let waiting;
  field.addEventListener("input", () => (clearTimeout(waiting), (waiting = setTimeout(() => load(true), 250))));
  more.addEventListener("click", () => load(false));
  load(true);
  await opened.closed;
  return chosen;
}

function tile(media, choose, pressed) {
  const face = media.thumb ? make("img", { src: media.thumb, alt: "", loading: "lazy" }) : make("strong", {}, { audio: "Audio", video: "Video" }[media.kind]);
  const words = make("span", {}, media.alt || media.caption || "Not described yet");
  const button = make("button", { type: "button", onclick: () => choose(media, button) }, face, words);
  if (pressed) button.setAttribute("aria-pressed", "true");
  return make("li", {}, button);
}

function uploadForm(kind, choose, file) {
  const said = make("p", { class: "trouble", role: "alert" });
  const bar = make("progress", { max: 1, value: 0, hidden: true, "aria-label": "Uploading" });
  const input = make("input", { type: "file", name: "file", id: "add-picture", accept: kind.takes, required: true });
  if (file) {
    const held = new DataTransfer();
    held.items.add(file);
    input.files = held.files;
  }
  const form = make("form", { class: "upload", onsubmit: (event) => (event.preventDefault(), send(form, bar, said).then(choose, (trouble) => (said.textContent = trouble.message))) },
    make("label", { for: "add-picture" }, kind.field), input,
    ...askField({ name: "alt", label: kind.shows, required: true, maxlength: 500 }),
    ...askField({ name: "caption", label: "Caption", maxlength: 1000 }),
    ...askField({ name: "credit", label: "Credit", maxlength: 200, placeholder: "Photo: …" }),
    bar, said, make("div", { class: "answers" }, make("button", { class: "main" }, "Upload and use")),
  );
  return make("details", { class: "fold", open: Boolean(file) }, make("summary", {}, kind.upload), form);
}

/** fetch tells nothing of how far an upload is; XMLHttpRequest does. */
function send(form, bar, said) {
  const data = new FormData(form);
  data.append("csrf_token", token());
  said.textContent = "";
  bar.hidden = false;
  const button = form.querySelector("button");
  button.disabled = true;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", LIBRARY);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && (bar.value = event.loaded / event.total));
    request.addEventListener("loadend", () => {
      button.disabled = false;
      bar.hidden = true;
      if (request.status === 201) resolve(request.response);
      else reject(new Error(request.response?.message ?? (request.status === 413 ? "This file is larger than the desk takes." : request.status ? `The desk answered ${request.status}.` : "The desk can't be reached just now.")));
    });
    request.send(data);
  });
}

/** The lead picture: shown, chosen in the picker, removed. The select stays the form's. */
export function leadPicture(select) {
  const shown = make("div", { class: "lead-shown" });
  const choose = make("button", { type: "button" });
  const remove = make("button", { type: "button" }, "Remove");
  const draw = () => {
    const option = select.selectedOptions[0];
    shown.replaceChildren(...(select.value ? [make("img", { src: option.dataset.src, alt: option.dataset.alt }), make("p", { class: "hint" }, option.dataset.alt || "Not described yet")] : [make("p", { class: "empty" }, "No lead picture.")]));
    choose.textContent = select.value ? "Choose another" : "Choose a picture";
    remove.hidden = !select.value;
  };
  const set = (value) => {
    select.value = value;
    select.dispatchEvent(new Event("input", { bubbles: true }));
    draw();
  };
  choose.addEventListener("click", async () => {
    const media = await choosePicture();
    if (!media) return;
    if (![...select.options].some((option) => option.value === media.id)) {
      select.append(make("option", { value: media.id, "data-src": media.thumb, "data-alt": media.alt }, media.alt));
    }
    set(media.id);
  });
  remove.addEventListener("click", () => (set(""), choose.focus()));
  select.hidden = true;
  select.after(shown, make("div", { class: "row" }, choose, remove));
  select.addEventListener("room:set", draw);
  draw();
}
