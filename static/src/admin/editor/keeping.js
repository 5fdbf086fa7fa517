// Nothing typed is lost: two seconds after the last key the desk keeps it; while the desk can't be reached this
// browser does; and whoever comes back is offered it. A save, and only a save, makes a revision of it.

import { desk, make } from "./asking.js";

const QUIET_MS = 2000;
const ASK_AGAIN_MS = 15000;
const SHELVES = "copydesk-unsaved:";
const SENT = "copydesk-sent"; // the shelf of a story whose first save is on its way

export function keeping(room, form) {
  const shelf = () => `${SHELVES}${room.dataset.story ?? `new:${form.elements.unsaved.value}`}`;
  const told = room.querySelector("[data-save-state]") ?? make("span");
  let dirty = false;
  let leaving = false;
  let waiting;

  const say = (words, kind = "") => {
    told.textContent = words;
    told.dataset.kind = kind;
  };
  const entries = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token");
  const keepHere = () => {
    try {
      localStorage.setItem(shelf(), JSON.stringify({ at: Date.now(), entries: entries() }));
      return true;
    } catch {
      return false; // no room, or none allowed
    }
  };
  const keep = async () => {
    clearTimeout(waiting);
    if (!dirty || leaving) return;
    const here = keepHere();
    try {
      const answer = await desk(room.dataset.keep, { form: new FormData(form), keepalive: false });
      if (leaving) return;
      dirty = false;
      localStorage.removeItem(shelf());
      say(`Kept ${answer.said}. ${room.dataset.story ? "Not a revision yet." : "Not a draft yet."}`);
      tellOthers(room, answer, Number(form.elements.base?.value));
    } catch (trouble) {
      const why = trouble.offline ? "Offline" : trouble.message;
      say(`${why}${here ? ": kept in this browser" : ""}.`, "grave");
      waiting = setTimeout(keep, ASK_AGAIN_MS);
    }
  };

  form.addEventListener("input", typed);
  for (const field of form.elements) if (!form.contains(field)) field.addEventListener("input", typed);
  function typed() {
    dirty = true;
    const publish = room.querySelector("[data-publish]");
    if (publish) {
      publish.classList.add("main");
      publish.querySelector(".if-now").textContent = "Save and publish";
      room.querySelector("[data-out]")?.remove();
    }
    say("Typing…");
    clearTimeout(waiting);
    waiting = setTimeout(keep, QUIET_MS);
  }
  addEventListener("online", keep);
  addEventListener("pagehide", () => dirty && !leaving && keepHere());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keep());
  addEventListener("beforeunload", (event) => dirty && !leaving && event.preventDefault());
  form.addEventListener("submit", () => {
    keepHere(); // until the page that follows says that the desk has it
    if (!room.dataset.story) sessionStorage.setItem(SENT, shelf());
    leaving = true;
    setTimeout(() => (leaving = false), ASK_AGAIN_MS); // the browser stopped, or the server never answered
  });
  for (const other of document.querySelectorAll("form[data-keeps]")) {
    other.addEventListener("submit", async (event) => {
      if (!dirty) return;
      event.preventDefault();
      const by = event.submitter;
      await keep();
      leaving = true;
      other.requestSubmit(by);
    });
  }
  const done = room.querySelector("[data-told]")?.dataset.told;
  if (done === "created") localStorage.removeItem(sessionStorage.getItem(SENT));
  if (done && room.dataset.story) localStorage.removeItem(shelf());
  for (const key of room.dataset.story ? [shelf()] : shelves()) offer(room, form, key);
}

/** Where this browser keeps stories that were never saved. */
function shelves() {
  return Object.keys(localStorage).filter((key) => key.startsWith(`${SHELVES}new:`));
}

/** What this browser kept and the desk has not: offered, never forced upon anybody. */
function offer(room, form, shelf) {
  let kept;
  try {
    kept = JSON.parse(localStorage.getItem(shelf));
  } catch {
    kept = null;
  }
  if (!kept) return;
  const key = shelf.startsWith(`${SHELVES}new:`) ? `[data-key="${CSS.escape(shelf.split(":")[2])}"]` : "";
  const onDesk = room.querySelector(`[data-kept]${key}`);
  if (onDesk && Date.parse(onDesk.dataset.kept) >= kept.at) return localStorage.removeItem(shelf);
  const now = JSON.stringify([...new FormData(form)].filter(([name]) => !IGNORED.has(name)));
  if (JSON.stringify(kept.entries.filter(([name]) => !IGNORED.has(name))) === now) return localStorage.removeItem(shelf);
  onDesk?.remove();
  const when = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", day: "numeric", month: "short", timeZoneName: "short" }).format(kept.at);
  const box = make("section", { class: "offer", "aria-label": "Unsaved words" },
    make("p", {}, `This browser kept unsaved words from ${when}.`),
    make("button", { type: "button", class: "main", onclick: () => (restore(form, kept.entries), box.remove()) }, "Restore them"),
    make("button", { type: "button", onclick: () => (localStorage.removeItem(shelf), box.remove()) }, "Discard them"),
  );
  room.querySelector(".desk").before(box);
}

const IGNORED = new Set(["csrf_token", "note", "unsaved", "revision", "base", "when", "minor", "live_from", "live_until"]);

function restore(form, entries) {
  const values = Map.groupBy ? Map.groupBy(entries, ([name]) => name) : entries.reduce((map, entry) => map.set(entry[0], [...(map.get(entry[0]) ?? []), entry]), new Map());
  for (const field of form.elements) {
    if (!field.name || field.name === "csrf_token" || field.name === "person" || field.name === "role") continue;
    const given = (values.get(field.name) ?? []).map(([, value]) => value);
    if (field.type === "checkbox" || field.type === "radio") field.checked = given.includes(field.value);
    else if (field.type !== "submit" && given.length) {
      if (field.room) field.room.load(given[0]);
      else field.value = given[0];
    }
    field.dispatchEvent(new CustomEvent("room:set"));
  }
  const roles = (values.get("role") ?? []).map(([, value]) => value);
  const people = (values.get("person") ?? []).map(([, person], place) => ({ person, role: roles[place] }));
  document.querySelector("[data-bylines]")?.dispatchEvent(new CustomEvent("room:set", { detail: people }));
  form.dispatchEvent(new Event("input"));
}

function tellOthers(room, answer, base) {
  const told = room.querySelector("[data-others]");
  if (!told) return;
  const said = answer.others.map(({ name, said }) => `${name} is editing, ${said}.`);
  if (base && answer.newest > base) said.unshift(`Somebody has saved revision ${answer.newest} meanwhile: when you save, you will see both texts.`);
  told.textContent = said.join(" ");
  told.hidden = !said.length;
}
