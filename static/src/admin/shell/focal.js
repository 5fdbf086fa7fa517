// A mark on the picture for its focal point: pressed into place, or moved with the arrow keys. The two number
// fields beside it say the same, and are what is sent.

const frame = document.querySelector("[data-focal]");
const across = document.querySelector("#focus_x");
const down = document.querySelector("#focus_y");

if (frame && across && down) {
  const mark = document.createElement("button");
  mark.type = "button";
  frame.append(mark);
  document.querySelector("[data-focal-hint]").hidden = false;
  const show = () => {
    mark.style.left = `${across.value}%`;
    mark.style.top = `${down.value}%`;
    mark.setAttribute("aria-label", `Focal point: ${across.value} percent across, ${down.value} percent down`);
  };
  const move = (x, y) => {
    across.value = clamp(x);
    down.value = clamp(y);
    show();
  };
  frame.addEventListener("click", (event) => {
    if (event.target === mark) return;
    const box = frame.getBoundingClientRect();
    move(((event.clientX - box.left) / box.width) * 100, ((event.clientY - box.top) / box.height) * 100);
  });
  mark.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 10 : 1;
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!way) return;
    event.preventDefault();
    move(Number(across.value) + way[0], Number(down.value) + way[1]);
  });
  across.addEventListener("input", show);
  down.addEventListener("input", show);
  show();
}

function clamp(value) {
  return Math.round(Math.min(100, Math.max(0, value)) * 10) / 10;
}
