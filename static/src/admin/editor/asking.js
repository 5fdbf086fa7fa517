// Small dialogs, made when asked for: a title, some fields, and an answer. Escape and the backdrop answer nothing.

/** A named element with attributes and children; `on…` are listeners. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

let count = 0;

/** Open a dialog around `content` (elements); resolves when it is closed. */
export function openDialog(title, content, { wide = false } = {}) {
  const heading = make("h2", { id: `ask-${(count += 1)}` }, title);
  const close = make("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => dialog.close() }, "×");
  const dialog = make("dialog", { class: wide ? "ask wide" : "ask", "aria-labelledby": heading.id }, make("header", {}, heading, close), ...content);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("[autofocus]")?.focus();
  const closed = new Promise((resolve) => dialog.addEventListener("close", () => (dialog.remove(), resolve()), { once: true }));
  return { dialog, closed };
}

/** Ask for `fields`; the answers by name, or null. A field: {name, label, value, type, hint, required, options, rows}. */
export async function ask(title, fields, { act = "Done", others = [] } = {}) {
  let answer = null;
  const form = make("form", {
    onsubmit: (event) => {
      event.preventDefault();
      answer = Object.fromEntries(new FormData(form));
      opened.dialog.close();
    },
  });
  for (const field of fields) form.append(...askField(field));
  const more = others.map((other) =>
    make("button", { type: "button", class: other.grave ? "grave" : "", onclick: () => ((answer = { chosen: other.name }), opened.dialog.close()) }, other.label),
  );
  form.append(make("div", { class: "answers" }, make("button", { class: "main" }, act), ...more));
  const opened = openDialog(title, [form]);
  form.querySelector("input, textarea, select")?.focus();
  await opened.closed;
  return answer;
}

export function askField({ name, label, value = "", type = "text", hint, options, rows, ...more }) {
  const id = `ask-${(count += 1)}`;
  const hinted = hint ? { "aria-describedby": `${id}-hint` } : {};
  const control = options
    ? make("select", { id, name, ...hinted }, ...options.map(([key, said]) => make("option", { value: key, selected: key === value }, said)))
    : rows
      ? make("textarea", { id, name, rows, ...hinted, ...more }, value)
      : make("input", { id, name, type, value, ...hinted, ...more });
  return [make("label", { for: id }, label), control, hint ? make("p", { class: "hint", id: `${id}-hint` }, hint) : null].filter(Boolean);
}

/** Ask the desk for JSON; throws an Error whose message can be shown. */
export async function desk(path, { form, ...options } = {}) {
  let answer;
  try {
    answer = await fetch(path, form ? { method: "POST", body: form, headers: { Accept: "application/json" }, ...options } : options);
  } catch {
    throw Object.assign(new Error("The desk can't be reached just now."), { offline: true });
  }
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  const said = isJson ? await answer.json() : null;
  if (answer.ok && said) return said;
  if (answer.redirected || answer.status === 400) throw new Error("You have been signed out. Sign in in another tab, and try again.");
  throw Object.assign(new Error(said?.message ?? `The desk answered ${answer.status}.`), { said, status: answer.status });
}

export function token() {
  return document.querySelector('input[name="csrf_token"]').value;
}
