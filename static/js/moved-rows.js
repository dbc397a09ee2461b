// Rows that have just moved take no taps: the finger was on its way to what was there before.

const HOLD_MS = 600;
const MOVED_PX = 8;

const heldUntil = new Map(); // by id
const rows = () => document.querySelectorAll(".entry, #all-got");

/** Return where the rows are. Give it to `holdMovedRows` when they may have moved. */
export const rowPlaces = () => new Map([...rows()].map((row) => [row.id, row.getBoundingClientRect()]));

export function holdMovedRows(places) {
  for (const row of places.size ? rows() : []) {
    const [before, now] = [places.get(row.id), row.getBoundingClientRect()];
    const hasMoved = !before || Math.hypot(now.left - before.left, now.top - before.top) > MOVED_PX;
    if (hasMoved) heldUntil.set(row.id, Date.now() + HOLD_MS);
  }
  markHeldRows();
  setTimeout(markHeldRows, HOLD_MS);
}

function markHeldRows() {
  for (const row of rows()) row.classList.toggle("is-held", heldUntil.get(row.id) > Date.now());
}

let places = new Map();
document.addEventListener("htmx:before:swap", () => {
  places = rowPlaces();
});
// The browser scrolls to keep what is visible in its place; only after that have rows moved.
document.addEventListener("htmx:after:swap", () => requestAnimationFrame(() => holdMovedRows(places)));
