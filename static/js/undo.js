// The member's own changes of a list, latest last. Each can be undone, with and without a network: at the toast that
// reports it, or by `undoLast`. A change is undone by an intent of its own.

import { outbox } from "./outbox.js";
import { stepAmount } from "./pending.js";
import { showToast } from "./toasts.js";

const KEY = "changes"; // in the storage of the tab, so that the next page can undo it, too
const MAX_CHANGES = 50;
const NEXT_PAGE_MS = 5000; // a change that led to this page is reported here

let changes = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
let reported = null; // by the toast that is open

const owner = () => ({ home: outbox()?.home, user: outbox()?.user });

const INVERSE = {
  add_entry: ({ op_id }) => ({ kind: "remove_entry", data: { entry: op_id } }),
  remove_entry: ({ data: { entry } }) => ({ kind: "put_back_entry", data: { entry } }),
  purchase_entry: ({ data: { entry } }) => ({ kind: "put_back_entry", data: { entry } }),
  put_back_entry: ({ data: { entry } }, { price }) => ({ kind: "purchase_entry", data: { entry, price } }),
  step_entry: ({ data: { entry, steps } }) => ({ kind: "step_entry", data: { entry, steps: -steps } }),
  sort_entries: ({ data: { list } }, { before }) => ({ kind: "sort_entries", data: { list, ...before } }),
  change_entry: ({ data: { entry } }, { before }) => ({ kind: "change_entry", data: { entry, ...before } }),
};

/**
 * Return the changes that the intents are, to remember when they are made. `row` is the entry's; `before` has the
 * fields that a `change_entry` changes, as they were.
 */
export function describeChanges(intents, { row, name, before }) {
  return intents.map((intent) => ({
    ...owner(),
    kind: intent.kind,
    entry: intent.data.entry,
    name: name ?? intent.label,
    inverse: INVERSE[intent.kind]?.(intent, { price: row?.dataset.price ?? "", before }),
    ...(intent.kind === "step_entry" && describeStep(row, intent.data.steps)),
  }));
}

// Where the amount is the smallest already, a step changes nothing or less: the amount itself is put back.
function describeStep(row, steps) {
  const text = row?.querySelector(".qty__value strong")?.textContent ?? "";
  const step = stepAmount(text, steps);
  if (!step) return {};
  const { before, after, isWhole } = step;
  if (before === after) return { inverse: null };
  const fields = isWhole
    ? {}
    : { inverse: { kind: "change_entry", data: { entry: row.id.slice(2), quantity: before } } };
  return { ...fields, before, amount: text.replace(before, after) };
}

/** Remember the changes and report the last one where it can be undone. */
export function reportChanges(made) {
  const undoable = made.filter(({ inverse }) => inverse);
  if (!undoable.length) return;
  for (const change of undoable) {
    const last = changes.at(-1);
    if (isSameRun(last, change)) changes[changes.length - 1] = join(last, change);
    else changes.push({ ...change, at: Date.now() });
  }
  save();
  if (undoable.at(-1).kind !== "add_entry") report(changes.at(-1));
}

// Steps of one amount, pressed while the toast is open, are one change.
const isSameRun = (last, { kind, entry }) =>
  kind === "step_entry" && last === reported && last?.entry === entry && last.kind === kind;

function join(last, change) {
  const isStep = [last, change].every(({ inverse }) => inverse.kind === "step_entry");
  const steps = isStep ? last.inverse.data.steps + change.inverse.data.steps : 0;
  const inverse = isStep
    ? { kind: "step_entry", data: { entry: last.entry, steps } }
    : { kind: "change_entry", data: { entry: last.entry, quantity: last.before } };
  return { ...change, inverse, before: last.before, at: Date.now() };
}

function report(change) {
  const toast = showOne(`toast-${change.kind}`, change);
  if (!toast) return;
  reported = change;
  toast.querySelector("button").addEventListener("click", () => undo(change));
}

// One toast at a time: that of the latest change.
function showOne(templateId, { name, amount }) {
  document.querySelector(".toast[data-change]")?.remove();
  reported = null;
  const toast = showToast(templateId);
  if (!toast) return null;
  toast.dataset.change = "";
  const text = toast.querySelector("span");
  text.textContent = text.textContent.replace("{item}", () => name).replace("{amount}", () => amount);
  return toast;
}

function undo(change) {
  const word = document.getElementById("w-undo")?.textContent ?? "";
  changes = changes.filter((other) => other !== change);
  save();
  outbox().enqueue([{ ...change.inverse, label: `${word}: ${change.name}` }]);
  showOne("toast-undone", change);
}

/** Undo the last change of this tab in this home. Return whether there was one. */
export function undoLast() {
  const { home, user } = owner();
  const last = changes.findLast((change) => change.home === home && change.user === user);
  if (last) undo(last);
  return Boolean(last);
}

function save() {
  changes = changes.slice(-MAX_CHANGES);
  sessionStorage.setItem(KEY, JSON.stringify(changes));
}

const latest = changes.at(-1);
if (latest?.kind === "change_entry" || latest?.kind === "remove_entry") {
  if (Date.now() - latest.at < NEXT_PAGE_MS) report(latest);
}
