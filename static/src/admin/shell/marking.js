// Boxes in a list: mark all of them, and say how many are marked.

for (const all of document.querySelectorAll("[data-mark-all]")) {
  const boxes = [...document.querySelectorAll(`input[name="${all.dataset.markAll}"]`)];
  const said = all.form.querySelector("[data-marked]");
  const tell = () => {
    const marked = boxes.filter((box) => box.checked).length;
    all.checked = marked === boxes.length;
    all.indeterminate = marked > 0 && !all.checked;
    said.textContent = marked ? `${marked} marked` : "";
  };
  all.closest("[data-all]").hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  tell();
}
