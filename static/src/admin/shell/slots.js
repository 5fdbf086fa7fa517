// Dragging in the fronts room. The selects are the truth: a drag only chooses in them, as a keyboard would.
import Sortable from "sortablejs";

const GROUP = "stories";

const form = document.querySelector("[data-slots]");
const pool = document.querySelector("[data-pool]");

if (pool) {
  document.body.classList.add("dragging");
  document.querySelector("[data-drag-hint]").hidden = false;
  new Sortable(pool, { group: { name: GROUP, pull: "clone", put: false }, sort: false, delay: 150, delayOnTouchOnly: true });
}
const slots = [...form.querySelectorAll("[data-slot]")].map(makeSlot);

function makeSlot(item) {
  const select = item.querySelector("select");
  const hold = document.createElement("ol");
  hold.className = "slots hold";
  hold.setAttribute("aria-hidden", "true"); // the select says the same, and can be reached by keyboard
  item.append(hold);
  const slot = { item, select, hold };
  new Sortable(hold, {
    group: { name: GROUP, pull: true, put: true },
    filter: ".vacant",
    sort: false,
    delay: 150,
    delayOnTouchOnly: true,
    onAdd: ({ item: dropped, from }) => take(slot, dropped, from),
  });
  select.addEventListener("change", () => {
    if (select.value) slots.filter((other) => other !== slot && other.select.value === select.value).forEach(empty);
    show(slot);
  });
  show(slot);
  return slot;
}

/** A story dropped here: from another slot the two change places, from the list it leaves any slot that had it. */
function take(slot, dropped, from) {
  const id = dropped.dataset.story;
  dropped.remove();
  const source = slots.find((other) => other.hold === from);
  const before = slot.select.value;
  for (const other of slots) if (other !== slot && other.select.value === id) empty(other);
  choose(slot, id);
  if (source && source !== slot) choose(source, before);
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function empty(slot) {
  choose(slot, "");
}

function choose(slot, id) {
  slot.select.value = id;
  show(slot);
}

function show({ select, hold }) {
  hold.replaceChildren();
  const grip = document.createElement("li");
  grip.className = select.value ? "grip" : "grip vacant";
  grip.dataset.story = select.value;
  grip.textContent = select.value ? select.selectedOptions[0].textContent : "Drop a story here";
  hold.append(grip);
}
