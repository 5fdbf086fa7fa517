// Tells the site that its page was read, then brings the visits sentences up to date.
//
// <article data-visit="ID">  the article that this page shows
// <p data-visits="ID" data-visits-words='{"total": {"one": "Visited {n} time", "other": "Visited {n} times"},
//    "today": {"one": "{n} visit today", "other": "{n} visits today"}, "both": "{total}, {today}"}'>
//
// The server words the sentence: a form for each of the language's plural categories, {n} for the number.

const ADDRESS = "/api/v1/views";
const READING = 1000; // ms in sight before a page counts as read

/** Runs `then` once the page has been in sight for a second on end; a prerendered page is not in sight. */
function whenRead(then) {
  let timer;
  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState !== "visible" || document.prerendering) return;
    timer = setTimeout(() => {
      document.removeEventListener("visibilitychange", look);
      then();
    }, READING);
  };
  document.addEventListener("visibilitychange", look);
  document.addEventListener("prerenderingchange", look, { once: true });
  look();
}

function tell(article) {
  const view = Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0"));
  const body = JSON.stringify({ article, view: view.join("") });
  if (!navigator.sendBeacon?.(ADDRESS, body)) {
    fetch(ADDRESS, { method: "POST", body, keepalive: true }).catch(() => {});
  }
}

function sentence(words, figures) {
  const language = document.documentElement.lang || "en";
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  const part = (name) =>
    (words[name][plural.select(figures[name])] ?? words[name].other).replace("{n}", number.format(figures[name]));
  return words.both.replace("{total}", part("total")).replace("{today}", part("today"));
}

async function refresh() {
  const places = [...document.querySelectorAll("[data-visits]")];
  const ids = [...new Set(places.map((place) => place.dataset.visits))].slice(0, 50);
  if (!ids.length) return;
  const answer = await fetch(`${ADDRESS}?ids=${ids.join(",")}`);
  if (!answer.ok) return;
  const known = await answer.json();
  for (const place of places) {
    const figures = known[place.dataset.visits];
    if (figures) place.textContent = sentence(JSON.parse(place.dataset.visitsWords), figures);
  }
}

whenRead(() => {
  const article = document.querySelector("[data-visit]")?.dataset.visit;
  if (article) tell(article);
  refresh().catch(() => {}); // the sentence from the server stays
});
