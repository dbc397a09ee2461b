// A row of the list opens where its amount is pressed: less, more, change, remove. The page is drawn anew at
// each change, so which row is open is remembered here.

let open = null;

function draw() {
  for (const row of document.querySelectorAll(".entry--open")) {
    if (row.id !== open) row.classList.remove("entry--open"), row.querySelector(".qty")?.classList.remove("qty--open");
  }
  const row = open && document.getElementById(open);
  row?.classList.add("entry--open");
  row?.querySelector(".qty")?.classList.add("qty--open");
}

document.addEventListener("click", (event) => {
  const amount = event.target.closest?.("[data-open]");
  if (amount && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    const row = amount.closest(".entry").id;
    open = open === row ? null : row;
    draw();
  } else if (open && !event.target.closest?.(".entry--open")) {
    open = null;
    draw();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && open) {
    open = null;
    draw();
  }
});

// A row that was ticked sinks into the basket. A browser would follow the button that was pressed there; whoever
// ticks, with a finger or with keys, goes on with the next row instead.
let ahead = [];

document.addEventListener("htmx:before:swap", () => {
  ahead = [];
  const tick = document.activeElement?.closest?.(".entry__tick");
  if (!tick) return;
  const rows = [...document.querySelectorAll(".entry")];
  ahead = rows.slice(rows.indexOf(tick.closest(".entry"))).map((row) => row.id);
  tick.blur();
});

document.addEventListener("htmx:after:swap", () => {
  const next = ahead.map((id) => document.getElementById(id)).find((row) => row?.matches(".entry:not(.entry--got)"));
  next?.querySelector(".entry__tick").focus({ preventScroll: true });
  ahead = [];
});

// What came from somebody else shows itself for a moment.
let known = null;
const ids = () => new Set([...document.querySelectorAll(".entry")].map((row) => row.id));
const isOwn = () => document.querySelector("out-box")?.landed.some(({ kind }) => kind === "add_entry");
document.addEventListener("htmx:before:swap", () => (known = isOwn() ? null : ids()));
document.addEventListener("htmx:after:swap", (event) => {
  draw();
  if (known?.size && event.detail.ctx.sourceElement.id === "live") {
    for (const row of document.querySelectorAll(".entry:not(.entry--got)")) if (!known.has(row.id)) row.classList.add("entry--fresh");
  }
  known = null;
});
