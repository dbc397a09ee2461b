// Keys for a list. Letters act on the row with the focus; they, `/` and `?` can be switched off, because people who
// dictate, or who type with other devices, may send them unintentionally.

import { isComposing } from "./forms.js";
import { undoLast } from "./undo.js";

const SWITCH = "keys"; // "off" in the browser's storage
const FIELDS = "input:not([type='checkbox']), textarea, select";
const TICKS = "#entries .entry:not([hidden]) .entry__tick:not(:disabled)";

const field = () => document.getElementById("add-text");
const focusedRow = () => document.activeElement?.closest(".entry");
let cameFrom = null; // what had the focus before `/`

const PRINTABLE = { "/": focusField, "?": showKeys, x: tick, e: edit };
const OTHERS = { ArrowDown: () => move(1), ArrowUp: () => move(-1) };

document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (!document.getElementById("entries") || event.defaultPrevented || isComposing(event) || event.altKey) return;
  if (target.closest?.("dialog[open], details[open]")) return;
  if (target.closest?.("dialog")) document.activeElement.blur(); // closed, and the browser moves the focus only later
  const act = target.matches?.(FIELDS) ? actionInField(event) : actionOf(event);
  if (act?.()) event.preventDefault();
});

function actionOf(event) {
  const key = latinKey(event);
  if (event.ctrlKey || event.metaKey) return key === "z" && !event.shiftKey ? undoLast : null;
  if (Object.hasOwn(OTHERS, key)) return OTHERS[key];
  return localStorage.getItem(SWITCH) !== "off" && Object.hasOwn(PRINTABLE, key) ? PRINTABLE[key] : null;
}

// What is typed is the field's own; in an empty one there is nothing to undo or to leave behind.
function actionInField(event) {
  if (event.target.value) return null;
  if (event.key === "Escape" && event.target === field()) return returnFocus;
  return event.ctrlKey || event.metaKey ? actionOf(event) : null;
}

// On a keyboard with other letters, the key in the same place.
function latinKey({ key, code, shiftKey }) {
  if (key.length > 1 || key <= "\x7f") return key.length > 1 ? key : key.toLowerCase();
  return code === "Slash" ? (shiftKey ? "?" : "/") : code.replace("Key", "").toLowerCase();
}

function focusField() {
  if (!field()) return false;
  cameFrom = document.activeElement;
  field().focus();
  return true;
}

function returnFocus() {
  if (!cameFrom?.isConnected) return false;
  cameFrom.focus();
  return true;
}

function move(step) {
  const ticks = [...document.querySelectorAll(TICKS)];
  const row = focusedRow();
  if (!ticks.length || (!row && document.activeElement !== document.body)) return false;
  const from = ticks.findIndex((tick) => row?.contains(tick));
  const to = row ? from + step : step > 0 ? 0 : ticks.length - 1;
  const tick = ticks[Math.max(0, Math.min(to, ticks.length - 1))];
  tick.focus({ preventScroll: true });
  tick.closest(".entry").scrollIntoView({ block: "nearest" });
  return true;
}

function tick() {
  const button = focusedRow()?.querySelector(".entry__tick:not(:disabled)");
  button?.click();
  return Boolean(button);
}

function edit() {
  const link = focusedRow()?.querySelector("a[href$='/edit']:not([data-open])");
  link?.click();
  return Boolean(link);
}

// The dialog gives the focus back when it closes.
function showKeys() {
  const dialog = document.getElementById("keys");
  if (!dialog) return false;
  dialog.querySelector("input").checked = localStorage.getItem(SWITCH) !== "off";
  dialog.showModal();
  return true;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-keys]");
  if (!button) return;
  button.closest("details").querySelector("summary").focus(); // the menu closes
  showKeys();
});

document.addEventListener("change", ({ target }) => {
  if (target.id === "keys-on") localStorage.setItem(SWITCH, target.checked ? "on" : "off");
});
