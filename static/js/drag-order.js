// Rows are dragged into their order by their handles: aisles on their page, entries within an aisle of a list. Without
// this, or a pointer, buttons move them; on a list also Alt and an arrow.

import { outbox } from "./outbox.js";
import { describeChanges, reportChanges } from "./undo.js";

const ROWS = "[data-aisle], .entry";

let drag = null;
const rowsOf = (list) => [...list.children];
const isChanged = (rows, before) => rows.some((each, index) => each !== before[index]);

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest?.("[data-drag]");
  if (!handle || event.button !== 0 || drag) return;
  event.preventDefault();
  const row = handle.closest(ROWS);
  const list = row.parentElement;
  drag = { row, list, pointer: event.pointerId, before: rowsOf(list) };
  list.setPointerCapture(event.pointerId);
  row.classList.add("is-dragged");
});

// The rows that the dragged one passes move around it, so that it stays where the pointer holds it.
document.addEventListener("pointermove", (event) => {
  if (event.pointerId !== drag?.pointer) return;
  const { row, list } = drag;
  const rows = rowsOf(list);
  const place = rows.indexOf(row);
  const middle = (each) => each.getBoundingClientRect().top + each.offsetHeight / 2;
  for (const [index, each] of rows.entries()) {
    if (index > place && event.clientY > middle(each)) row.before(each);
    if (index < place && event.clientY < middle(each)) {
      row.after(...rows.slice(index, place));
      break;
    }
  }
});

function end(isKept) {
  const { row, list, before } = drag;
  drag = null;
  row.classList.remove("is-dragged");
  if (!isKept) return list.append(...before);
  if (!isChanged(rowsOf(list), before)) return;
  if (row.matches(".entry")) sortEntries(row, before);
  else submitOrder(list);
}

function submitOrder(list) {
  const form = document.getElementById("aisle-order");
  const order = Object.assign(document.createElement("input"), { type: "hidden", name: "order" });
  order.value = rowsOf(list)
    .map((each) => each.dataset.aisle)
    .join();
  form.append(order);
  form.requestSubmit();
  order.remove(); // the form may be used again, if there is no network
}

// The row is where it belongs already. The order goes through the outbox, like every change of a list.
function sortEntries(row, before) {
  const idsOf = (rows) => rows.map((each) => each.id.slice(2));
  const { list } = row.closest("#entries").dataset;
  const name = row.querySelector("[id^='n-']").textContent;
  const data = { list, entries: idsOf(rowsOf(row.parentElement)) };
  const intents = [{ kind: "sort_entries", data, label: `${document.getElementById("w-move").textContent}: ${name}` }];
  outbox().enqueue(intents);
  reportChanges(describeChanges(intents, { name, before: { entries: idsOf(before) } }));
}

document.addEventListener("pointerup", (event) => {
  if (event.pointerId === drag?.pointer) end(true);
});
document.addEventListener("pointercancel", (event) => {
  if (event.pointerId === drag?.pointer) end(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) end(false);
  if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) stepRow(event);
});

function stepRow(event) {
  const focused = document.activeElement;
  const row = focused?.closest("[id^='a-'] .entry");
  if (!row || focused.matches("input, textarea") || !outbox()) return;
  event.preventDefault();
  const before = rowsOf(row.parentElement);
  const isUp = event.key === "ArrowUp";
  const other = isUp ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (isUp) row.after(other);
  else row.before(other);
  row.scrollIntoView({ block: "nearest" });
  sortEntries(row, before);
}
