// Every public page: the search window, counting the visit where there is a story, and the page for no network.
import { openSearchFrom } from "./search-window.js";
import "./display-choices.js";
import "./sharing.js";
import "./visits.js";

// After the page, whose loading it must not slow; a browser that won't have it goes without.
addEventListener("load", () => navigator.serviceWorker?.register("/service-worker.js").catch(() => {}));

openSearchFrom(document.querySelector("[data-search-opener]"), document.querySelector("#search-window"));
