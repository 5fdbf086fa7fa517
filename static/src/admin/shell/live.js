// Parts of a page marked data-live are fetched anew now and then, while somebody is looking and nothing in them
// is being used. The page says the same without this; it only says it later.

const EVERY_MS = 15_000;
const parts = () => [...document.querySelectorAll("[data-live]")];

if (parts().length) setInterval(() => document.visibilityState === "visible" && refresh(), EVERY_MS);

async function refresh() {
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts()) {
    const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
    const inUse = part.contains(document.activeElement) || part.querySelector("details[open]");
    if (fresh && !inUse && fresh.innerHTML !== part.innerHTML) part.replaceWith(fresh);
  }
}
