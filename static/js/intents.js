// Turns forms and buttons with `data-intent` into intents for the outbox.

import { holdMovedRows, rowPlaces } from "./moved-rows.js";
import { operationId } from "./operation.js";
import { outbox } from "./outbox.js";
import { wasNotDone } from "./queue.js";
import { showToast } from "./toasts.js";
import { describeChanges, reportChanges } from "./undo.js";

const LEAVE_MS = 3000; // then a page for a single change is left, although there is no answer

const wordsOf = (button) => {
  const [labelId] = button.getAttribute("aria-labelledby")?.split(" ") ?? [];
  return button.textContent.trim() || (document.getElementById(labelId)?.textContent ?? "");
};

function entryOf(form, button) {
  const row = button?.closest(".entry");
  const entry = row?.id.slice(2) ?? form.dataset.entry;
  return { row, entry, seen: Number(row?.dataset.version ?? form.dataset.version) || null };
}

function entryIntent(form, button, kind) {
  const { row, entry, seen } = entryOf(form, button);
  const name = row?.querySelector("[id^='n-']")?.textContent ?? form.dataset.name;
  return [{ kind, seen, data: { entry }, label: `${wordsOf(button)}: ${name}` }];
}

function additions(form, button) {
  const typed = button?.name === "pick" ? button.value : form.elements.text.value;
  const texts = typed.split("\n").filter((text) => text.trim()); // the server reads each line
  const { list } = form.dataset;
  return texts.map((text) => ({ op_id: operationId(), kind: "add_entry", data: { list, text }, label: text }));
}

const isQuickReply = (button) => button?.name === "quick_reply";

function message(form, button) {
  const { channel, agent, parent } = form.dataset;
  const text = isQuickReply(button) ? button.value : form.elements.body.value;
  const data = { ...(channel ? { channel } : { agent }), ...(parent && { parent }), text };
  return [{ kind: "send_message", data, label: text }];
}

function step(form, button) {
  const [intent] = entryIntent(form, button, "step_entry");
  return [{ ...intent, data: { ...intent.data, steps: Number(button.dataset.steps) } }];
}

// Only the fields that were changed.
function edit(form) {
  const changed = changedFields(form);
  if (!changed.length) return [];
  const fields = Object.fromEntries(changed.map((field) => [field.name, field.value]));
  const list = changed.map((field) => `${field.labels[0].firstChild.textContent.trim()}: ${textOf(field)}`).join(", ");
  const { entry, seen } = entryOf(form);
  return [{ kind: "change_entry", seen, data: { entry, ...fields }, label: `${form.dataset.name}: ${list}` }];
}

const valueBefore = (field) =>
  field.options ? [...field.options].find((option) => option.defaultSelected)?.value : field.defaultValue;
const changedFields = (form) =>
  [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.value !== valueBefore(field));

// What to remember of the intents of a form, to undo them. Another name can lead to another item.
function changesOf(form, button, intents) {
  const { row } = entryOf(form, button);
  const fields = form.dataset.intent === "change_entry" ? changedFields(form) : [];
  const before = Object.fromEntries(fields.map((field) => [field.name, valueBefore(field)]));
  const name = row?.querySelector("[id^='n-']")?.textContent ?? form.dataset.name;
  return "name" in before ? [] : describeChanges(intents, { row, name, before });
}

const textOf = (field) => (field.options ? field.options[field.selectedIndex].text : field.value);

function shopping(form, button, kind) {
  const total = form.elements.total?.value.trim() ?? "";
  const label = [wordsOf(button), total].filter(Boolean).join(": ");
  return [{ kind, data: { list: form.dataset.list, ...(total && { total }) }, label }];
}

const READ = {
  add_entry: additions,
  send_message: message,
  step_entry: step,
  change_entry: edit,
  start_shopping: shopping,
  end_shopping: shopping,
};

document.addEventListener(
  "submit",
  (event) => {
    const { target: form, submitter } = event;
    const kind = submitter?.dataset.intent ?? (submitter?.hasAttribute("formaction") ? null : form.dataset.intent);
    const box = outbox();
    if (!kind || !box) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const intents = (READ[kind] ?? entryIntent)(form, submitter, kind);
    const changes = changesOf(form, submitter, intents);
    const places = rowPlaces();
    // A quick reply leaves what is typed in the field; the keyboard goes there, because the button goes away.
    const field = isQuickReply(submitter) ? null : form.querySelector("textarea");
    if (field && intents.length) clear(field);
    if (submitter?.matches("[name='quick_reply']:focus-visible")) form.elements.body.focus({ preventScroll: true });
    const after = submitter?.dataset.after ?? form.dataset.after;
    if (after) leaveWhenDone(box, form, after, field, intents, changes);
    else if (intents.length) {
      box.enqueue(intents, (result) => result && field && restoreText(field, result, intents));
      reportChanges(changes);
    }
    holdMovedRows(places);
    if (!after) form.closest("dialog")?.close();
  },
  true,
);

function clear(field) {
  field.value = "";
  document.getElementById("understood")?.replaceChildren();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus({ preventScroll: true });
}

// Put refused text back into its field while the page is open. True: the refusal is shown there.
function restoreText(typedField, result, intents) {
  if (!wasNotDone(result)) return false;
  const field = document.getElementById(typedField.id);
  if (!field || (field.value && !field.dataset.refused)) return false;
  const refused = outbox().intents.find(({ op_id }) => op_id === result.op_id);
  const text = intents.length > 1 ? refused.label : intents[0].label;
  field.value = field.value ? `${field.value}\n${text}` : text;
  field.dataset.refused = "";
  field.addEventListener("input", () => delete field.dataset.refused, { once: true });
  showToast("answer-toast", result.message)?.classList.add("toast--error");
  return true;
}

// For a form or button that leads to `data-after` when it is done. A text field stays open while its text waits; a page
// that serves a single change is left. After a refusal the page stays open.
function leaveWhenDone(box, form, after, field, intents, changes) {
  const leave = () => {
    reportChanges(changes);
    location.assign(after);
  };
  if (!intents.length) return leave();
  const timer = field ? 0 : setTimeout(leave, LEAVE_MS);
  box.enqueue(intents, (result) => {
    clearTimeout(timer);
    if (!result || !wasNotDone(result)) return field && !result ? false : leave();
    return field ? restoreText(field, result, intents) : showRefusal(form, result);
  });
}

function showRefusal(form, result) {
  const error = document.getElementById("refused").content.firstElementChild.cloneNode(true);
  error.querySelector("span").textContent = result.message;
  form.querySelector(".field__error")?.remove();
  form.prepend(error);
  return true;
}

document.addEventListener("click", (event) => {
  const cancel = event.target.closest?.("[data-cancel]");
  if (cancel) outbox().discard([cancel.closest("[data-op]").dataset.op]);
  // Offline, the page on which an entry is edited cannot be loaded: show its fields in a dialog.
  const link = event.target.closest?.(".entry a[href$='/edit']:not([data-open])");
  const dialog = document.getElementById("change");
  if (!link || !dialog || outbox().isOnline) return;
  event.preventDefault();
  openDialog(dialog, link.closest(".entry"));
});

function openDialog(dialog, row) {
  const form = dialog.querySelector("form");
  const isPurchased = row.classList.contains("entry--got");
  const name = row.querySelector("[id^='n-']").textContent;
  const [quantity, ...unit] = (row.querySelector(".qty__value strong")?.textContent ?? "").split(" ");
  const note = row.querySelector(".entry__note > span:not(.waits)")?.textContent ?? "";
  Object.assign(form.dataset, { entry: row.id.slice(2), version: row.dataset.version ?? "", name });
  for (const [field, value] of Object.entries({ name, quantity, unit: unit.join(" "), note, price_paid: "" })) {
    const input = form.elements[field];
    input.value = value;
    input.defaultValue = value;
    input.closest(".field").hidden = isPurchased !== (field === "price_paid");
  }
  dialog.showModal();
}
