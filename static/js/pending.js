// Draws changes that are not on the page yet over the page that the server rendered: rows, marks and messages, made
// of the server's own templates.

const undoSteps = []; // each takes one drawn change off the page

/** Take everything that was drawn off the page again. */
export function restore() {
  while (undoSteps.length) undoSteps.pop()();
}

/** Draw the intents. Those for which `isLate(intent)` is true are marked as waiting. */
export function draw(intents, isLate) {
  restore();
  for (const intent of intents) DRAW[intent.kind]?.(intent, isLate(intent));
}

const DRAW = {
  add_entry: drawAddition,
  send_message: drawMessage,
  purchase_entry: (intent, isLate) => drawTick(intent, isLate, true),
  put_back_entry: (intent, isLate) => drawTick(intent, isLate, false),
  step_entry: drawStep,
  change_entry: drawEdit,
  remove_entry: drawRemoval,
  sort_entries: drawOrder,
};

const cloneTemplate = (id) => document.getElementById(id)?.content.firstElementChild.cloneNode(true);

// Each of these changes one thing and remembers how to undo it.

function insert(parent, child, method = "append") {
  parent[method](child);
  undoSteps.push(() => child.remove());
}

function setAttribute(element, name, value) {
  const before = element.getAttribute(name);
  const apply = (to) => (to === null ? element.removeAttribute(name) : element.setAttribute(name, to));
  apply(value);
  undoSteps.push(() => apply(before));
}

function toggleClass(element, name, isOn) {
  if (element.classList.contains(name) === isOn) return;
  element.classList.toggle(name, isOn);
  undoSteps.push(() => element.classList.toggle(name, !isOn));
}

function setText(element, text) {
  const before = element.textContent;
  element.textContent = text;
  undoSteps.push(() => {
    element.textContent = before;
  });
}

function markAsWaiting(row, isLate) {
  if (!isLate || row.querySelector(".waits")) return;
  let note = row.querySelector(".entry__note");
  if (!note) {
    note = document.createElement("p");
    note.className = "entry__note";
    insert(row.querySelector(".entry__name").parentElement, note);
  }
  insert(note, cloneTemplate("waits"), "prepend");
}

function drawAddition({ op_id, data }, isLate) {
  const list = document.querySelector(`#entries[data-list="${data.list}"]`);
  if (!list || !isLate) return;
  let section = document.getElementById("waiting");
  if (!section) {
    section = cloneTemplate("waiting-section");
    insert(list, section, "prepend");
  }
  const row = cloneTemplate("waiting-entry");
  row.id = `e-${op_id}`;
  row.dataset.op = op_id;
  const name = row.querySelector(".entry__name span");
  name.id = `n-${op_id}`;
  name.textContent = data.text;
  for (const button of row.querySelectorAll("[aria-labelledby]")) {
    button.setAttribute("aria-labelledby", `${button.getAttribute("aria-labelledby")} ${name.id}`);
  }
  section.querySelector("ul").append(row);
  section.querySelector(".tier__count").textContent = section.querySelectorAll(".entry").length;
}

const rowOf = ({ data }) => document.getElementById(`e-${data.entry}`);

function drawTick(intent, isLate, isPurchased) {
  const row = rowOf(intent);
  if (!row) return;
  if (row.hidden) setAttribute(row, "hidden", null);
  toggleClass(row, "entry--got", isPurchased);
  setAttribute(row.querySelector(".entry__tick"), "data-intent", isPurchased ? "put_back_entry" : "purchase_entry");
  markAsWaiting(row, isLate);
}

function drawStep(intent, isLate) {
  const row = rowOf(intent);
  const amount = row?.querySelector(".qty__value strong");
  if (!amount) return;
  const step = stepAmount(amount.textContent, intent.data.steps);
  if (step) setText(amount, amount.textContent.replace(step.before, step.after));
  markAsWaiting(row, isLate);
}

/**
 * Return the number of an amount as it is on the page, `before` and `after` so many presses of + or −, and whether
 * they all count: as on the server, none leads below one step. Null for an amount without a number.
 */
export function stepAmount(text, steps) {
  const [before] = text.match(/^[\d.,]+/) ?? [];
  if (!before) return null;
  const number = Number(before.replace(",", "."));
  const step = / (g|ml)$/.test(text) ? 100 : 1; // the same as on the server
  const wanted = number + steps * step;
  const sum = Math.max(wanted, Math.min(number, step));
  const after = String(Number(sum.toFixed(3)));
  return { before, after: before.includes(",") ? after.replace(".", ",") : after, isWhole: sum === wanted };
}

function drawEdit(intent, isLate) {
  const row = rowOf(intent);
  if (!row) return;
  const { name, quantity, unit, price_paid: price } = intent.data;
  const field = row.querySelector(".entry__pay");
  if (field && price !== undefined) {
    setAttribute(field, "value", price);
    setText(row.querySelector(".entry__price"), price || document.getElementById("w-price").textContent);
  }
  const amount = row.querySelector(".qty__value strong");
  if (name) setText(row.querySelector("[id^='n-']"), name);
  if (amount && (quantity || unit !== undefined)) {
    const [oldQuantity, ...oldUnit] = amount.textContent.split(" ");
    setText(amount, `${quantity || oldQuantity} ${unit ?? oldUnit.join(" ")}`.trim());
  }
  markAsWaiting(row, isLate);
}

function drawRemoval(intent) {
  const row = rowOf(intent);
  if (row) setAttribute(row, "hidden", "");
}

function drawOrder({ data }) {
  const rows = data.entries.map((id) => document.getElementById(`e-${id}`)).filter(Boolean);
  const list = rows[0]?.parentElement;
  if (!list || rows.some((row) => row.parentElement !== list)) return;
  const before = [...list.children];
  const queue = [...rows];
  const after = before.map((row) => (rows.includes(row) ? queue.shift() : row));
  if (after.every((row, index) => row === before[index])) return;
  list.append(...after);
  undoSteps.push(() => list.append(...before));
}

function drawMessage({ op_id, data }, isLate) {
  const place = `[data-channel="${data.channel}"][data-thread="${data.parent ?? ""}"]`;
  for (const replies of document.querySelectorAll(`.quick-replies${place}`)) setAttribute(replies, "hidden", "");
  const pane = document.querySelector(
    data.parent ? `#reply-list[data-parent="${data.parent}"]` : `#message-list[data-channel="${data.channel}"]`,
  );
  if (!pane) return;
  let messages = pane.querySelector(".messages");
  if (!messages) {
    messages = document.createElement("ol");
    messages.className = "messages";
    const empty = pane.querySelector(".empty");
    if (empty) setAttribute(empty, "hidden", "");
    insert(pane, messages);
  }
  const message = cloneTemplate("waiting-message");
  message.id = `${data.parent ? "t" : ""}m-${op_id}`;
  message.querySelector(".bubble p").textContent = data.text;
  if (!isLate) message.querySelector(".waits").remove();
  insert(messages, message);
}
