// The search window: a dialog that its opener or the "/" key opens and that gives the focus back when it shuts.
// Without this file the opener is a link to /search, and the page loses nothing but the short way there.
import { suggestInto } from "./suggestions.js";

const SLASH_OFF = "copydesk-slash-key-off";

export function openSearchFrom(link, dialog) {
  if (!link || !dialog?.showModal) return;
  const opener = turnIntoButton(link, dialog.id);
  const input = dialog.querySelector("input[name=q]");
  const suggestions = suggestInto(input, dialog.querySelector("[role=listbox]"), dialog.querySelector("[role=status]"));

  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    opener.setAttribute("aria-expanded", "true");
    input.focus();
    input.select();
  };
  const shut = () => {
    dialog.close();
    suggestions.close();
    opener.setAttribute("aria-expanded", "false");
    opener.focus(); // the browser would go back to where "/" was pressed, which may be nowhere
  };
  opener.addEventListener("click", open);
  dialog.querySelector("[data-close]").addEventListener("click", shut);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault(); // a phone's back gesture
    shut();
  });
  shutOnBackdrop(dialog, shut);
  dialog.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return; // the suggestions had it
    if (event.key === "Tab") keepInside(event, dialog);
    if (event.key === "Escape") {
      event.preventDefault(); // a search field would only empty itself
      shut();
    }
  });
  openOnSlash(open, dialog.querySelector("[data-slash-key]"));
}

/** A link leads somewhere; what opens a window is a button, and there must be only one called Search. */
function turnIntoButton(link, controls) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = link.className;
  button.textContent = link.textContent;
  button.setAttribute("aria-haspopup", "dialog");
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", controls);
  link.replaceWith(button);
  return button;
}

/** Only a press that also began on the backdrop shuts the window: marking text may end outside it. */
function shutOnBackdrop(dialog, shut) {
  let began = null;
  const outside = ({ clientX: x, clientY: y }) => {
    const box = dialog.getBoundingClientRect();
    return x < box.left || x > box.right || y < box.top || y > box.bottom;
  };
  dialog.addEventListener("pointerdown", (event) => {
    began = event.target === dialog && outside(event);
  });
  dialog.addEventListener("click", (event) => {
    if (began && event.target === dialog && outside(event)) shut();
  });
}

/** The page behind is inert already; this keeps Tab from leaving for the browser's own controls. */
function keepInside(event, dialog) {
  const stops = [...dialog.querySelectorAll("a[href], button, input")].filter((stop) => !stop.disabled);
  const [first, last] = [stops[0], stops[stops.length - 1]];
  const edge = event.shiftKey ? first : last;
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

/** A key without a modifier can be hit by accident or by speech, so readers may switch it off. */
function openOnSlash(open, choice) {
  choice.checked = !remembered();
  choice.addEventListener("change", () => remember(!choice.checked));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!choice.checked || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    open();
  });
}

function remembered() {
  try {
    return localStorage.getItem(SLASH_OFF) !== null;
  } catch {
    return false; // storage is shut to this page; the choice then lasts until it is left
  }
}

function remember(off) {
  try {
    if (off) localStorage.setItem(SLASH_OFF, "1");
    else localStorage.removeItem(SLASH_OFF);
  } catch {
    // as above
  }
}
