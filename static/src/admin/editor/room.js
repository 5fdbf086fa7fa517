// The writing room: everything that a story's page does beyond its plain form.

import { openText } from "./text.js";
import { bylines, chips, counted, lines, points, slugFollows, wordCount } from "./fields.js";
import { keeping } from "./keeping.js";
import { leadPicture } from "./pictures.js";

export function openRoom(room) {
  const form = room.querySelector("#write");
  for (const field of room.querySelectorAll("textarea[data-editor]")) {
    const editor = openText(field);
    if (room.matches("[data-story], [data-language]") && !field.dataset.takes) wordCount(field, editor);
    if (field.dataset.takes) editor.on("update", () => (form.elements[field.dataset.takes].value = "text"));
  }
  each(room, "[data-count]", counted);
  each(room, "[data-points]:not([readonly])", points);
  each(room, "[data-bylines]", bylines);
  each(room, "[data-chips]", chips);
  each(room, "[data-lead]", leadPicture);
  each(room, "[data-slug]", (slug) => slugFollows(slug, room.querySelector("#headline"), room.dataset.language ?? ""));
  lines();
  if (room.dataset.language !== undefined && !form.hasAttribute("data-read-only")) keeping(room, form);
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.key === "s") {
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) room.querySelector("[data-save]")?.click();
    } else if (event.key === "Enter" && event.shiftKey) {
      const publish = room.querySelector("[data-publish]");
      if (publish) (event.preventDefault(), publish.scrollIntoView({ block: "center" }), publish.focus());
    }
  });
}

function each(room, selector, enhance) {
  for (const field of room.querySelectorAll(selector)) enhance(field);
}
