// Headlines that match what is being typed: a combobox, whose focus stays in the field.
const PAUSE_MS = 150;

/**
 * Suggest into `list` while `input` is typed in, and say in `status` how many there are.
 * Returns {close}.
 */
export function suggestInto(input, list, status) {
  const words = JSON.parse(status.dataset.words);
  const plural = new Intl.PluralRules(document.documentElement.lang);
  let timer = 0;
  let asked = null;
  let active = -1;

  const isOpen = () => !list.hidden;

  function close() {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    list.replaceChildren();
    status.textContent = "";
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  function show(found) {
    list.replaceChildren(...found.map(option));
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(isOpen()));
    activate(-1);
    const form = words[plural.select(found.length)] ?? words.other;
    status.textContent = form.replace("{n}", found.length.toLocaleString(document.documentElement.lang));
  }

  function activate(index) {
    active = index;
    [...list.children].forEach((each, at) => each.setAttribute("aria-selected", String(at === index)));
    const chosen = list.children[index];
    if (chosen) {
      input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  async function ask() {
    asked?.abort();
    const q = input.value.trim();
    if (!q) return close();
    asked = new AbortController();
    try {
      const answer = await fetch(`/search/suggest?q=${encodeURIComponent(q)}`, { signal: asked.signal });
      if (answer.ok) show((await answer.json()).data);
    } catch {
      // Aborted by newer typing, or the network is away: Enter still leads to the search page.
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (!input.value.trim()) return close();
    timer = setTimeout(ask, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (!isOpen() || event.isComposing) return;
    const count = list.children.length;
    if (event.key === "ArrowDown") activate(active + 1 < count ? active + 1 : 0);
    else if (event.key === "ArrowUp") activate(active > 0 ? active - 1 : count - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) follow(list.children[active]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) follow(chosen);
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  return { close };
}

function option({ headline, url }, index) {
  const item = document.createElement("li");
  item.id = `suggestion-${index}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.url = url;
  item.textContent = headline;
  return item;
}

/** Suggestions are stories of this paper; an address anywhere else is not followed. */
function follow(chosen) {
  const address = new URL(chosen.dataset.url, location.origin);
  if (address.origin === location.origin) location.assign(address);
}
