// Every public page: the search window, and counting the visit where there is a story.
import { openSearchFrom } from "./search-window.js";
import "./display-choices.js";
import "./sharing.js";
import "./visits.js";

openSearchFrom(document.querySelector("[data-search-opener]"), document.querySelector("#search-window"));
