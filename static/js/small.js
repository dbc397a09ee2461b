// Small kindnesses: the browser's time zone for a new home, copying a link, closing what was read, menus.

for (const field of document.querySelectorAll("input[data-timezone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

const LINGER = 8000;

function fade(toast) {
  if (!toast.matches(".toast--error")) setTimeout(() => toast.remove(), LINGER);
}

const toasts = document.getElementById("toasts");
if (toasts) {
  for (const toast of toasts.querySelectorAll(".toast")) fade(toast);
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node.matches?.(".toast")) fade(node);
  }).observe(toasts, { childList: true });
}

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-close]")?.closest(".toast, .notice")?.remove();
  const chosen = event.target.closest?.(".menu__panel :is(a, button)");
  for (const menu of document.querySelectorAll("details.menu[open]")) if (chosen || !menu.contains(event.target)) menu.open = false;
});

// A menu that is open stays so when the page is drawn anew.
let opened = [];
document.addEventListener("htmx:before:swap", () => (opened = [...document.querySelectorAll("details.menu[open]")].map(({ id }) => id)));
document.addEventListener("htmx:after:swap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
});

document.addEventListener("click", (event) => event.target.closest?.("[data-close-dialog]")?.closest("dialog").close());

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  // Over plain http on a home's own network there is no clipboard; the selection can be copied all the same.
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
  else if (!document.execCommand("copy")) return;
  button.setAttribute("data-copied", "");
});
