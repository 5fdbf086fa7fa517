// "Copy the address": shown only where the browser can, and says when it has.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  const face = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return; // the browser would not; the address bar has it
    }
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = face), 3000);
  });
}
