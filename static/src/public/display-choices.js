// The switches at the foot of the page for text size and colours; display/main.js puts them into force early.
const root = document.documentElement;

for (const input of document.querySelectorAll("[data-display] input")) {
  input.checked = (root.dataset[input.name] ?? "") === input.value;
  input.addEventListener("change", () => choose(input.name, input.value));
}

function choose(choice, value) {
  if (value) root.dataset[choice] = value;
  else delete root.dataset[choice];
  try {
    if (value) localStorage.setItem(`copydesk-${choice}`, value);
    else localStorage.removeItem(`copydesk-${choice}`);
  } catch {
    // storage is shut to this page; the choice then lasts until it is left
  }
}
