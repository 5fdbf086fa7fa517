// The fields around the text. Each enhances a plain field of the form, which stays there and is what gets sent.

import { desk, make } from "./asking.js";

const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

/** A text field of one paragraph that grows with its words; Enter goes on to the next field. */
export function lines() {
  for (const field of document.querySelectorAll("textarea[data-line]")) {
    field.addEventListener("input", () => grow(field));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const next = [...document.querySelectorAll("#write textarea:not([hidden]), #write [role=textbox], #write .points textarea")];
      next[next.indexOf(field) + 1]?.focus();
    });
    grow(field);
  }
}

/** As high as its words, again whenever the page gets another width. */
function grow(field) {
  const fit = () => {
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight + 2}px`;
  };
  fit();
  if (!field.grows) (field.grows = new ResizeObserver(([{ contentRect }]) => contentRect.width !== field.wide && ((field.wide = contentRect.width), fit()))).observe(field);
}

export function counted(field) {
  const good = Number(field.dataset.count);
  const told = make("p", { class: "count", id: `${field.id}-count` });
  field.after(told);
  field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), told.id].filter(Boolean).join(" "));
  const draw = () => {
    const length = [...field.value].length;
    told.textContent = `${length} ${length === 1 ? "character" : "characters"}${length > good ? `, search engines cut after about ${good}` : ""}`;
    told.classList.toggle("long", length > good);
  };
  field.addEventListener("input", draw);
  draw();
}

const CJK = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]/g;

/** Words and reading time below the text, at 230 words a minute (500 signs in Chinese and Japanese). */
export function wordCount(field, editor) {
  const told = make("p", { class: "count", "data-words": true });
  field.parentElement.querySelector(".editor").after(told);
  const draw = () => {
    const text = editor.state.doc.textBetween(0, editor.state.doc.content.size, "\n", " ");
    const signs = text.match(CJK)?.length ?? 0;
    const words = text.replaceAll(CJK, " ").split(/[\s/–—]+/).filter((part) => /[\p{L}\p{N}]/u.test(part)).length;
    const minutes = Math.max(1, Math.round(words / 230 + signs / 500));
    const all = words + signs;
    told.textContent = all ? `${all} ${all === 1 ? "word" : "words"}, ${minutes} min to read` : "";
  };
  editor.on("update", draw);
  field.addEventListener("room:set", draw);
  draw();
}

/** Until a story has been out, its slug follows the headline, unless somebody has written one of their own. */
export function slugFollows(field, headline, language) {
  let own = field.value !== "" && field.value !== slugOf(headline.value, language);
  field.addEventListener("input", () => (own = field.value !== ""));
  headline.addEventListener("input", () => {
    if (!own) field.value = slugOf(headline.value, language);
  });
}

const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" };

function slugOf(headline, language) {
  const german = language.startsWith("de") ? { ä: "ae", ö: "oe", ü: "ue" } : {};
  const plain = headline.toLowerCase().replaceAll(/['’]/g, "").replaceAll(/[äöü]/g, (each) => german[each] ?? each);
  if (/[^\u0000-\u024f\u2000-\u206f\u20a0-\u20cf]/.test(plain)) return ""; // other scripts: the desk transliterates
  const ascii = plain.replaceAll(/[ßæœøłđðþı]/g, (each) => LETTERS[each]).normalize("NFKD").replaceAll(/[\u0300-\u036f]/g, "");
  const words = ascii.split(/[^a-z0-9]+/).filter(Boolean);
  let slug = "";
  for (const word of words) {
    if (slug.length + word.length + 1 > 80) break;
    slug += (slug && "-") + word;
  }
  return slug;
}

// --- Lists that are put in order ---------------------------------------------------------------------------

/** Buttons that move `row` in its list or take it out, and Alt with the arrow keys for the same. */
function ordering(row, name, done) {
  const move = (by) => {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(row);
    else other.after(row);
    done();
  };
  const button = (said, face, act) => make("button", { type: "button", class: "small", "aria-label": `${said} ${name()}`.trim(), onclick: (event) => (act(), row.isConnected && event.currentTarget.focus()) }, face);
  row.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!event.altKey || !by) return;
    event.preventDefault();
    const held = document.activeElement;
    move(by);
    held.focus();
  });
  const remove = () => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const list = row.parentElement;
    row.remove();
    done();
    (next?.querySelector("textarea, button") ?? list.parentElement.querySelector("input:not([type=hidden])"))?.focus();
  };
  return [button("Move up", "↑", () => move(-1)), button("Move down", "↓", () => move(1)), button("Remove", "×", remove)];
}

/** Bylines: type a name, choose the role, put in order. */
export function bylines(set) {
  const first = set.querySelector('select[name="person"]');
  if (!first) return;
  const people = new Map([...first.options].filter((option) => option.value).map((option) => [option.text, option.value]));
  const roles = [...set.querySelector('select[name="role"]').options].map((option) => option.text);
  const list = make("ol", { class: "names" });
  const field = make("input", { id: "add-byline", list: "people", autocomplete: "off", placeholder: "Type a name", "aria-describedby": "add-byline-told" });
  const told = make("p", { class: "hint", id: "add-byline-told", role: "status" });
  const done = () => changed(field);
  const add = (name, role = "writer") => {
    const row = make("li", {}, make("span", { class: "name" }, name), make("input", { type: "hidden", name: "person", form: "write", value: people.get(name) }));
    const choice = make("select", { name: "role", form: "write", "aria-label": `Role of ${name}` }, ...roles.map((each) => make("option", { selected: each === role }, each)));
    row.append(choice, ...ordering(row, () => name, done));
    list.append(row);
  };
  const draw = (rows) => (list.replaceChildren(), rows.forEach(([name, role]) => add(name, role)));
  draw([...set.querySelectorAll(".byline")].map((row) => [...row.querySelectorAll("select")].map((each) => each.selectedOptions[0]?.text)).filter(([name]) => people.has(name)));
  const take = () => {
    const typed = field.value.trim().toLowerCase();
    if (!typed) return;
    const names = [...people.keys()];
    const name = names.find((each) => each.toLowerCase() === typed) ?? (names.filter((each) => each.toLowerCase().includes(typed)).length === 1 ? names.find((each) => each.toLowerCase().includes(typed)) : null);
    if (!name) return (told.textContent = names.some((each) => each.toLowerCase().includes(typed)) ? "Several people are called that; type more of the name." : "Nobody of that name is on the list of people.");
    told.textContent = `${name} added.`;
    field.value = "";
    add(name);
    done();
  };
  field.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), take()));
  field.addEventListener("input", (event) => {
    if (event.inputType === "insertReplacementText" || !event.inputType) if (people.has(field.value)) take();
  });
  field.addEventListener("change", () => people.has(field.value) && take());
  set.querySelectorAll(".byline").forEach((row) => row.remove());
  set.append(list, make("label", { for: "add-byline" }, "Add a name"), field, make("datalist", { id: "people" }, ...[...people.keys()].map((value) => make("option", { value }))), told);
  set.addEventListener("room:set", (event) => {
    const names = new Map([...people].map(([name, slug]) => [slug, name]));
    draw(event.detail.map(({ person, role }) => [names.get(person), role]).filter(([name]) => name));
  });
}

/** Tags as chips: comma or Enter adds, Backspace in the empty field takes the last one out. */
export function chips(field) {
  const label = document.querySelector(`label[for="${field.id}"]`);
  label.textContent = "Tags";
  label.htmlFor = "add-tag";
  const list = make("ul", { class: "chips" });
  const typed = make("input", { id: "add-tag", list: "known-tags", autocomplete: "off", placeholder: "Add a tag", maxlength: 100, "aria-describedby": "add-tag-hint" });
  const known = make("datalist", { id: "known-tags" });
  const read = () => field.value.split(",").map((name) => name.trim()).filter(Boolean);
  const write = (names) => {
    field.value = names.join(", ");
    draw();
    changed(field);
  };
  const draw = () => list.replaceChildren(...read().map((name) => make("li", {}, name, make("button", { type: "button", class: "small", "aria-label": `Remove the tag ${name}`, onclick: () => (write(read().filter((each) => each !== name)), typed.focus()) }, "×"))));
  const take = () => {
    const fresh = typed.value.split(",").map((name) => name.trim()).filter(Boolean);
    const names = read();
    for (const name of fresh) if (!names.some((each) => each.toLowerCase() === name.toLowerCase())) names.push(name);
    typed.value = "";
    if (fresh.length) write(names);
  };
  typed.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" || event.key === ",") (event.preventDefault(), take());
    if (event.key === "Backspace" && !typed.value) write(read().slice(0, -1));
  });
  typed.addEventListener("blur", take);
  let waiting;
  typed.addEventListener("input", (event) => {
    event.stopPropagation(); // a tag half typed is no change of the story
    if (event.inputType === "insertReplacementText" || (!event.inputType && [...known.options].some((option) => option.value === typed.value))) return take();
    clearTimeout(waiting);
    if (!typed.value.trim()) return;
    waiting = setTimeout(async () => {
      const { data } = await desk(`${field.dataset.chips}?q=${encodeURIComponent(typed.value.trim())}`).catch(() => ({ data: [] }));
      known.replaceChildren(...data.map((value) => make("option", { value })));
    }, 200);
  });
  field.hidden = true;
  field.after(list, typed, known, make("p", { class: "hint", id: "add-tag-hint" }, "Comma or Enter adds it."));
  field.addEventListener("room:set", draw);
  draw();
}

/** Key points as a list: Enter begins the next, Backspace in an empty one takes it out, Alt and arrows move it. */
export function points(field) {
  const label = document.querySelector(`label[for="${field.id}"]`);
  label.textContent = "Key points";
  label.id = "points-label";
  label.removeAttribute("for");
  const list = make("ol", { class: "points", "aria-labelledby": "points-label" });
  const inputs = () => [...list.querySelectorAll("textarea")];
  const done = () => {
    inputs().forEach((input, place) => input.setAttribute("aria-label", `Key point ${place + 1}`));
    field.value = inputs().map((input) => input.value.trim()).filter(Boolean).join("\n");
    changed(field);
  };
  const add = (value, after) => {
    const input = make("textarea", { rows: 1, maxlength: 500, dir: "auto", placeholder: "A key point" }, value);
    const row = make("li", {}, input);
    row.append(...ordering(row, () => `key point`, done));
    if (after) after.after(row);
    else list.append(row);
    input.addEventListener("input", (event) => (event.stopPropagation(), grow(input), done()));
    input.addEventListener("paste", (event) => {
      const pasted = event.clipboardData.getData("text/plain").split(/\r?\n/).map((line) => line.replace(/^\s*[•*-]\s*/, "").trim()).filter(Boolean);
      if (pasted.length < 2) return;
      event.preventDefault();
      let at = row;
      for (const line of pasted) at = !input.value ? ((input.value = line), row) : add(line, at);
      done();
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.altKey) return;
      const all = inputs();
      const here = all.indexOf(input);
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        if (input.value.trim()) add("", row).querySelector("textarea").focus();
        else document.querySelector("#write [role=textbox]")?.focus();
      } else if (event.key === "Backspace" && !input.value && all.length > 1) {
        event.preventDefault();
        row.remove();
        (all[here - 1] ?? all[here + 1]).focus();
        done();
      } else if (event.key === "ArrowDown") all[here + 1]?.focus();
      else if (event.key === "ArrowUp") all[here - 1]?.focus();
    });
    grow(input);
    return row;
  };
  const draw = () => {
    list.replaceChildren();
    const given = field.value.split("\n").filter((line) => line.trim());
    for (const line of given.length ? given : [""]) add(line);
    inputs().forEach((input, place) => input.setAttribute("aria-label", `Key point ${place + 1}`));
  };
  const more = make("button", { type: "button", class: "plain", onclick: () => add("").querySelector("textarea").focus() }, "Add a key point");
  draw();
  field.hidden = true;
  field.after(list, more);
  field.addEventListener("room:set", draw);
}
