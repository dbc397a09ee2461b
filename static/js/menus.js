// Menus close after a choice, a click elsewhere or Escape; dialogs close by their own button.

const openMenus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  const choice = event.target.closest?.(".menu__panel :is(a, button)");
  for (const menu of openMenus()) if (choice || !menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
});

// A menu that opens at the end of the screen is scrolled into view. `toggle` does not bubble.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.matches?.("details.menu[open]"))
      target.querySelector(".menu__panel").scrollIntoView({ block: "nearest" });
  },
  true,
);

document.addEventListener("click", (event) => event.target.closest?.("[data-close-dialog]")?.closest("dialog").close());

// A link to a page that is on this page as a dialog, too.
document.addEventListener("click", (event) => {
  const dialog = document.getElementById(event.target.closest?.("[data-dialog]")?.dataset.dialog);
  if (!dialog || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  dialog.showModal();
});

// A menu that is open stays open when the page is rendered again.
let openIds = [];
document.addEventListener("htmx:before:swap", () => {
  openIds = [...openMenus()].map(({ id }) => id);
});
document.addEventListener("htmx:after:swap", () => {
  for (const id of openIds) document.getElementById(id)?.setAttribute("open", "");
});
