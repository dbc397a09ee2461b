// Lays what waits over the page that the server drew: rows, marks and messages made of the server's own templates.

const laid = []; // how to take off what was laid

export function restore() {
  while (laid.length) laid.pop()();
}

// `isLate(intent)`: it has waited long enough to be called waiting.
export function draw(intents, isLate) {
  restore();
  for (const intent of intents) DRAWN[intent.kind]?.(intent, isLate(intent));
}

const DRAWN = {
  add_entry: add,
  send_message: speak,
  purchase_entry: (intent, late) => tick(intent, late, true),
  put_back_entry: (intent, late) => tick(intent, late, false),
  step_entry: step,
  change_entry: change,
  remove_entry: remove,
};

const copy = (id) => document.getElementById(id)?.content.firstElementChild.cloneNode(true);

function lay(parent, child, place = "append") {
  parent[place](child);
  laid.push(() => child.remove());
}

function set(element, name, value) {
  const before = element.getAttribute(name);
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
  laid.push(() => (before === null ? element.removeAttribute(name) : element.setAttribute(name, before)));
}

function flag(element, name, on) {
  if (element.classList.contains(name) === on) return;
  element.classList.toggle(name, on);
  laid.push(() => element.classList.toggle(name, !on));
}

function write(element, text) {
  const before = element.textContent;
  element.textContent = text;
  laid.push(() => (element.textContent = before));
}

function mark(row, late) {
  if (!late || row.querySelector(".waits")) return;
  let note = row.querySelector(".entry__note");
  if (!note) {
    note = document.createElement("p");
    note.className = "entry__note";
    lay(row.querySelector(".entry__name").parentElement, note);
  }
  lay(note, copy("waits"), "prepend");
}

function add({ op_id, data }, late) {
  const shelf = document.querySelector(`#entries[data-list="${data.list}"]`);
  if (!shelf || !late) return;
  let section = document.getElementById("waiting");
  if (!section) {
    section = copy("waiting-section");
    lay(shelf, section, "prepend");
  }
  const row = copy("waiting-entry");
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

function tick(intent, late, got) {
  const row = rowOf(intent);
  if (!row) return;
  row.hidden && set(row, "hidden", null);
  flag(row, "entry--got", got);
  set(row.querySelector(".entry__tick"), "data-intent", got ? "put_back_entry" : "purchase_entry");
  mark(row, late);
}

function step(intent, late) {
  const row = rowOf(intent);
  const amount = row?.querySelector(".qty__value strong");
  if (!amount) return;
  const [number] = amount.textContent.match(/^[\d.]+/) ?? [];
  if (number) {
    const one = /^[\d.]+ (g|ml)$/.test(amount.textContent) ? 100 : 1; // as the server steps
    const least = Math.min(Number(number), one);
    const sum = Math.max(Number(number) + intent.data.steps * one, least);
    write(amount, amount.textContent.replace(number, String(Number(sum.toFixed(3)))));
  }
  mark(row, late);
}

function change(intent, late) {
  const row = rowOf(intent);
  if (!row) return;
  const { name, quantity, unit } = intent.data;
  const amount = row.querySelector(".qty__value strong");
  if (name) write(row.querySelector("[id^='n-']"), name);
  if (amount && (quantity || unit !== undefined)) {
    const [before, ...rest] = amount.textContent.split(" ");
    write(amount, `${quantity || before} ${unit ?? rest.join(" ")}`.trim());
  }
  mark(row, late);
}

function remove(intent) {
  const row = rowOf(intent);
  if (row) set(row, "hidden", "");
}

function speak({ op_id, data }, late) {
  const pane = document.querySelector(
    data.parent ? `#talk-thread[data-parent="${data.parent}"]` : `#talk[data-channel="${data.channel}"]`,
  );
  if (!pane) return;
  let said = pane.querySelector(".messages");
  if (!said) {
    said = document.createElement("ol");
    said.className = "messages";
    const empty = pane.querySelector(".empty");
    if (empty) set(empty, "hidden", "");
    lay(pane, said);
  }
  const message = copy("waiting-message");
  message.id = `${data.parent ? "t" : ""}m-${op_id}`;
  message.querySelector(".bubble p").textContent = data.text;
  if (!late) message.querySelector(".waits").remove();
  lay(said, message);
}
