// Rows of a list: which one is open, where the focus goes after a tick, and which ones are new.

// A row opens when its quantity is pressed. The page is rendered again after each change, so the open row's id is kept.
let openId = null;

function markOpenRow() {
  for (const row of document.querySelectorAll(".entry--open")) if (row.id !== openId) setOpen(row, false);
  const row = openId && document.getElementById(openId);
  if (row) setOpen(row, true);
}

// In the basket a row opens for its price.
function showOpenRow() {
  const row = document.getElementById(openId);
  row.scrollIntoView({ block: "nearest" });
  const price = row.querySelector(".entry__pay");
  if (!price) return;
  price.value = price.defaultValue;
  price.select();
}

/** Open this row instead of the one that is open; without a row, close that. */
export function openRow(row) {
  openId = row?.id ?? null;
  markOpenRow();
  if (row) showOpenRow();
}

function setOpen(row, isOpen) {
  row.classList.toggle("entry--open", isOpen);
  row.querySelector(".qty")?.classList.toggle("qty--open", isOpen);
}

document.addEventListener("click", (event) => {
  const quantity = event.target.closest?.("[data-open]");
  if (quantity && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    const { id } = quantity.closest(".entry");
    openId = openId === id ? null : id;
    markOpenRow();
    if (openId) showOpenRow();
  } else if (openId && !event.target.closest?.(".entry--open")) {
    openId = null;
    markOpenRow();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !openId) return;
  const row = document.getElementById(openId);
  const hadFocus = row?.contains(document.activeElement);
  openId = null;
  markOpenRow();
  if (hadFocus) row.querySelector("[data-open]").focus();
});

// A ticked row moves into the basket. The browser would keep the focus on its button there; go to the next row instead.
let followingIds = [];

document.addEventListener("htmx:before:swap", () => {
  followingIds = [];
  const tick = document.activeElement?.closest?.(".entry__tick");
  if (!tick) return;
  const rows = [...document.querySelectorAll(".entry")];
  followingIds = rows.slice(rows.indexOf(tick.closest(".entry"))).map((row) => row.id);
  tick.blur();
});

document.addEventListener("htmx:after:swap", () => {
  const rows = followingIds.map((id) => document.getElementById(id));
  const next = rows.find((row) => row?.matches(".entry:not(.entry--got)"));
  next?.querySelector(".entry__tick").focus({ preventScroll: true });
  followingIds = [];
});

// Rows that somebody else added are highlighted for a moment.
let idsBefore = null;
const rowIds = () => new Set([...document.querySelectorAll(".entry")].map((row) => row.id));
const hasOwnAddition = () => document.querySelector("out-box")?.confirmed.some(({ kind }) => kind === "add_entry");

document.addEventListener("htmx:before:swap", () => {
  idsBefore = hasOwnAddition() ? null : rowIds();
});
document.addEventListener("htmx:after:swap", (event) => {
  markOpenRow();
  if (idsBefore?.size && event.detail.ctx.sourceElement.id === "live") {
    for (const row of document.querySelectorAll(".entry:not(.entry--got)")) {
      if (!idsBefore.has(row.id)) row.classList.add("entry--fresh");
    }
  }
  idsBefore = null;
});
