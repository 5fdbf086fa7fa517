// How this device likes its pages: text size and colours. In the head and before anything is painted, so that no
// page is seen first in the wrong colours. What is remembered is the two words below and nothing else.
const root = document.documentElement;
root.dataset.scripted = "";
for (const choice of ["text", "colours"]) {
  try {
    const chosen = localStorage.getItem(`copydesk-${choice}`);
    if (chosen) root.dataset[choice] = chosen;
  } catch {
    break; // storage is shut to this page
  }
}
