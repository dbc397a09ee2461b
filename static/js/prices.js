// Prices in the basket: type a number, Enter, and the next row without a price is open.

import { isComposing } from "./forms.js";
import { openRow } from "./list-rows.js";
import { outbox } from "./outbox.js";
import { wasNotDone } from "./queue.js";
import { showToast } from "./toasts.js";
import { describeChanges, reportChanges } from "./undo.js";

const FIELD = ".entry__pay";

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || isComposing(event) || !event.target.matches?.(FIELD)) return;
  event.preventDefault();
  const row = event.target.closest(".entry");
  save(event.target);
  const next = nextWithoutPrice(row);
  openRow(next);
  if (!next) row.querySelector("[data-open]").focus();
});

// Leaving the field saves, too: a phone's number pad may have no Enter.
document.addEventListener("focusout", ({ target }) => target.matches?.(FIELD) && target.isConnected && save(target));

function save(field) {
  const row = field.closest(".entry");
  const price = field.value.trim();
  const before = field.defaultValue;
  if (price === before) return;
  const entry = row.id.slice(2);
  const name = row.querySelector("[id^='n-']").textContent;
  const label = `${document.getElementById("w-price").textContent}: ${name}, ${price}`;
  const seen = Number(row.dataset.version) || null;
  const intent = { kind: "change_entry", seen, data: { entry, price_paid: price }, label };
  outbox().enqueue([intent], (result) => result && showRefusal(result));
  reportChanges(describeChanges([intent], { row, name, before: { price_paid: before } }));
}

// True: it needs no notice.
function showRefusal(result) {
  if (!wasNotDone(result)) return false;
  showToast("answer-toast", result.message)?.classList.add("toast--error");
  return true;
}

// Below this row first, then from the top.
function nextWithoutPrice(row) {
  const rows = [...document.querySelectorAll(".entry--got")];
  const index = rows.indexOf(row);
  const others = [...rows.slice(index + 1), ...rows.slice(0, index)];
  return others.find((other) => other.querySelector(FIELD)?.defaultValue === "");
}
