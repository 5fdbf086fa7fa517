// What would be found in the story if it went out as it stands in the form, asked anew when the typing pauses.

const PAUSE_MS = 800;
const region = document.querySelector("[data-checks]");
const form = document.querySelector("#write");

if (region && form) {
  let waiting, asked = 0;
  document.addEventListener("input", (event) => {
    if (event.target.form !== form) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE_MS);
  });

  async function ask() {
    const number = ++asked;
    const answer = await fetch(region.dataset.checks, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (!answer?.ok || answer.redirected || number !== asked) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    if (fresh.textContent.trim() !== region.textContent.trim()) region.replaceChildren(...fresh.childNodes);
  }
}
