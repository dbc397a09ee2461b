// Aisles are dragged into their order by their handles. Without this, or a pointer, buttons move them.

let drag = null;
const rowsOf = (list) => [...list.children];

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest?.("[data-drag]");
  if (!handle || event.button !== 0 || drag) return;
  event.preventDefault();
  const row = handle.closest("[data-aisle]");
  const list = row.parentElement;
  drag = { row, list, pointer: event.pointerId, before: rowsOf(list) };
  list.setPointerCapture(event.pointerId);
  row.classList.add("aisle--dragged");
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
  row.classList.remove("aisle--dragged");
  if (!isKept) return list.append(...before);
  const rows = rowsOf(list);
  if (rows.every((each, index) => each === before[index])) return;
  const form = document.getElementById("aisle-order");
  const order = Object.assign(document.createElement("input"), { type: "hidden", name: "order" });
  order.value = rows.map((each) => each.dataset.aisle).join();
  form.append(order);
  form.requestSubmit();
  order.remove(); // the form may be used again, if there is no network
}

document.addEventListener("pointerup", (event) => {
  if (event.pointerId === drag?.pointer) end(true);
});
document.addEventListener("pointercancel", (event) => {
  if (event.pointerId === drag?.pointer) end(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) end(false);
});
