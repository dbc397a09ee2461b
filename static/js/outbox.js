// Adding, changing, ticking, removing and messages: every one is an intent that is put into the queue first, drawn at
// once, and sent when there is a way. With a network that is now; without one it waits, and the page says so.

import { all, drop, heard, isWaiting, put, send, wasNotDone } from "./queue.js";
import { draw, restore } from "./waiting.js";

const SOON = 700; // milliseconds after which something that has not arrived is called waiting
const BACK = 4000; // how long it is said that all is saved
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000;
const BETWEEN = /\s*(?:[\n;•]|,(?!\d))\s*/; // as the server parts what is typed into a list

export const operation = () =>
  self.crypto.randomUUID?.() ??
  // Over plain http on a home's own network there is no randomUUID.
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
    (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16),
  );

class OutBox extends HTMLElement {
  intents = []; // this person's, as the queue has them
  landed = []; // arrived, and not on the page yet: the number of the log from which on they are
  asked = new Map(); // by op_id: what the page does when the answer comes while it is still open
  wait = FIRST_WAIT;
  connected = true;
  state = "sent";
  safe = true;

  connectedCallback() {
    this.user = this.dataset.user;
    this.home = this.dataset.home;
    this.line = this.querySelector(".connection");
    this.notices = this.querySelector(".outbox__notices");
    const again = () => this.flush();
    window.addEventListener("online", again);
    window.addEventListener("offline", () => this.signal(false));
    document.addEventListener("visibilitychange", () => document.hidden || this.flush());
    window.addEventListener("beforeunload", (event) => !this.safe && this.waiting.length && event.preventDefault());
    heard.addEventListener("message", ({ data }) => (data.results ? this.settle(data.results) : this.read()));
    this.notices.addEventListener("click", (event) => this.answer(event));
    if (!navigator.onLine) this.signal(false);
    this.read().then(again);
  }

  async read() {
    this.intents = (await all()).filter((intent) => intent.user === this.user);
    this.show();
  }

  get waiting() {
    return this.intents.filter(isWaiting);
  }

  // Whether what is done now would arrive now.
  get isOnline() {
    return this.connected && navigator.onLine && this.state === "sent";
  }

  // `outcome(result)` hears how it ended; with null when it waits. Without an answer it is not heard.
  async take(acts, outcome) {
    const meant_at = new Date().toISOString();
    const { user, home } = this;
    const intents = acts.map((act) => ({ op_id: operation(), user, home, meant_at, seen: null, ...act }));
    this.intents.push(...intents);
    for (const { op_id } of intents) if (outcome) this.asked.set(op_id, outcome);
    this.show();
    setTimeout(() => this.show(), SOON);
    this.safe = await put(intents);
    await Promise.all([this.read(), this.flush()]);
    for (const { op_id } of intents) if (this.asked.delete(op_id)) outcome?.(null);
  }

  async flush() {
    if (!this.waiting.length && this.state === "sent") return;
    clearTimeout(this.again);
    const state = await send(this.user, (results) => this.settle(results)).catch(() => "away");
    if (state === "sent") this.wait = FIRST_WAIT;
    else if (state === "away") {
      this.again = setTimeout(() => this.flush(), this.wait * (0.5 + Math.random()));
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
      self.navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("queue")).catch(() => {});
    }
    this.state = state;
    this.show();
  }

  // The server has answered, this page or another sender of this device: it can be heard again, too.
  settle(results) {
    const live = document.querySelector("live-home");
    const over = [];
    this.connected = true;
    live?.open();
    for (const result of results) {
      const intent = this.intents.find(({ op_id }) => op_id === result.op_id);
      if (!intent) continue;
      const asked = this.asked.get(result.op_id);
      this.asked.delete(result.op_id);
      if (result.outcome === "done") {
        this.intents.splice(this.intents.indexOf(intent), 1);
        this.landed.push({ ...intent, seq: result.seq, late: isOld(intent) });
        if (result.message) say(result.message);
      } else if (wasNotDone(result) && asked?.(result)) over.push(result.op_id);
      else Object.assign(intent, { outcome: result.outcome, message: result.message });
      if (result.outcome === "done") asked?.(result);
    }
    if (over.length) {
      this.intents = this.intents.filter(({ op_id }) => !over.includes(op_id));
      drop(over);
    }
    this.drawn();
    const seq = Math.max(...results.map(({ seq }) => seq));
    if (results.every(({ op_id, outcome }) => outcome === "done" && this.said(op_id))) return live?.tellSoon("chat", seq);
    for (const kind of ["lists", "chat"]) live?.tell(kind, seq, results.some(({ outcome }) => outcome !== "done"));
  }

  // The page was drawn by the server, or the server answered: what is on the page by now is not laid over it.
  drawn() {
    const seq = Number(document.getElementById("live")?.dataset.seq ?? 0);
    this.landed = this.landed.filter((intent) => intent.seq > seq);
    this.show();
  }

  // Whether it is a message that was written here, and stands on the page already.
  said(id) {
    return [...this.intents, ...this.landed].some(({ op_id, kind }) => op_id === id && kind === "send_message");
  }

  signal(connected) {
    this.connected = connected;
    this.show();
    if (connected) this.flush();
  }

  signedOut() {
    this.state = "signed out";
    this.show();
  }

  show() {
    const late = !this.isOnline || this.state === "away";
    const shown = [...this.landed, ...this.waiting].filter(({ home }) => home === this.home);
    draw(shown, (intent) => intent.late ?? (late || isOld(intent)));
    this.say();
    this.tell();
  }

  // Where it stands, in one line; nothing while all is well.
  say() {
    const count = this.waiting.length;
    const slow = this.waiting.some(isOld);
    let word = null;
    if (this.state === "signed out") word = count ? "sign-in" : "signed-out";
    else if (!this.connected || !navigator.onLine) word = count ? "waiting" : "no-signal";
    else if (count && (slow || this.state === "away")) word = this.state === "away" ? "trying" : "sending";
    else if (count) return;
    else if (!this.line.hidden && this.line.dataset.word !== "no-signal") word = "saved";
    if (!this.safe && count) word = "unsafe";
    if (word === (this.line.dataset.word ?? null) && count === this.told) return;
    this.told = count;
    clearTimeout(this.hiding);
    if (word === "saved") this.hiding = setTimeout(() => this.write(null, 0), BACK);
    this.write(word, count);
  }

  write(word, count) {
    this.line.hidden = !word;
    if (!word) return delete this.line.dataset.word;
    this.line.dataset.word = word;
    this.line.classList.toggle("connection--back", word === "saved");
    this.line.classList.toggle("connection--trying", word === "sending" || word === "trying");
    const words = this.querySelector(`template[data-word="${word}"]`).content.cloneNode(true);
    const rule = new Intl.PluralRules(document.documentElement.lang).select(count) === "one" ? "one" : "other";
    for (const phrase of words.querySelectorAll("[data-count]")) {
      if (phrase.dataset.count === rule) phrase.replaceWith(phrase.textContent.replace("#", count));
      else phrase.remove();
    }
    for (const link of words.querySelectorAll("a[data-next]")) link.href += `?next=${encodeURIComponent(location.pathname)}`;
    this.line.replaceChildren(words);
  }

  // What did not come out as it was meant stays here until the person has seen it.
  tell() {
    const lost = this.intents.filter((intent) => !isWaiting(intent));
    for (const old of [...this.notices.children]) if (!lost.some(({ op_id }) => op_id === old.dataset.id)) old.remove();
    for (const intent of lost) {
      if ([...this.notices.children].some(({ dataset }) => dataset.id === intent.op_id)) continue;
      const notice = this.querySelector("template[data-notice]").content.firstElementChild.cloneNode(true);
      notice.dataset.id = intent.op_id;
      notice.querySelector("[data-message]").textContent = intent.message;
      const said = notice.querySelector("[data-said]");
      if (intent.said) said.lastElementChild.textContent = intent.said;
      else said.remove();
      if (!wasNotDone(intent)) notice.querySelector("[data-again]").remove();
      this.notices.append(notice);
    }
  }

  answer(event) {
    const id = event.target.closest("[data-id]")?.dataset.id;
    const intent = this.intents.find(({ op_id }) => op_id === id);
    if (!intent || !event.target.closest("button")) return;
    const again = event.target.closest("[data-again]");
    this.takeBack([id]);
    if (again) this.take([{ kind: intent.kind, data: intent.data, said: intent.said, home: intent.home }]);
  }

  takeBack(ids) {
    this.intents = this.intents.filter(({ op_id }) => !ids.includes(op_id));
    drop(ids);
    this.show();
  }
}

const isOld = ({ meant_at }) => Date.now() - Date.parse(meant_at) >= SOON;
export const outbox = () => document.querySelector("out-box");

function say(text) {
  const toast = document.getElementById("said")?.content.firstElementChild?.cloneNode(true);
  if (!toast) return null;
  toast.querySelector("span").textContent = text;
  document.getElementById("toasts").append(toast);
  return toast;
}

// What a form and its button mean.

const ofEntry = (form, button) => {
  const row = button?.closest(".entry");
  const entry = row?.id.slice(2) ?? form.dataset.entry;
  return { row, entry, seen: Number(row?.dataset.version ?? form.dataset.version) || null };
};

function onEntry(form, button, kind) {
  const { row, entry, seen } = ofEntry(form, button);
  const name = row?.querySelector("[id^='n-']")?.textContent ?? form.dataset.name;
  return [{ kind, seen, data: { entry }, said: `${button.textContent.trim() || nameOf(button)}: ${name}` }];
}

const nameOf = (button) => document.getElementById(button.getAttribute("aria-labelledby")?.split(" ")[0])?.textContent ?? "";

const KINDS = {
  add_entry: (form) =>
    form.elements.text.value
      .split(BETWEEN)
      .filter((text) => text.trim())
      .map((text) => ({ kind: "add_entry", data: { list: form.dataset.list, text }, said: text })),
  send_message: (form) => {
    const { channel, agent, parent } = form.dataset;
    const text = form.elements.body.value;
    return [{ kind: "send_message", data: { ...(channel ? { channel } : { agent }), ...(parent && { parent }), text }, said: text }];
  },
  step_entry: (form, button) =>
    onEntry(form, button, "step_entry").map((act) => ({
      ...act,
      data: { ...act.data, steps: Number(button.dataset.steps) },
    })),
  change_entry: (form) => {
    const changed = [...form.elements].filter((field) => field.name && field.type !== "hidden" && isChanged(field));
    const data = Object.fromEntries(changed.map((field) => [field.name, field.value]));
    const said = changed.map((field) => `${field.labels[0].firstChild.textContent.trim()}: ${shown(field)}`).join(", ");
    const { entry, seen } = ofEntry(form);
    return changed.length ? [{ kind: "change_entry", seen, data: { entry, ...data }, said: `${form.dataset.name}: ${said}` }] : [];
  },
};

const isChanged = (field) =>
  field.options ? !field.options[field.selectedIndex]?.defaultSelected : field.value !== field.defaultValue;
const shown = (field) => (field.options ? field.options[field.selectedIndex].text : field.value);

document.addEventListener(
  "submit",
  (event) => {
    const { target: form, submitter } = event;
    const button = submitter?.dataset.intent ? submitter : null;
    const kind = submitter?.dataset.intent ?? (submitter?.hasAttribute("formaction") ? null : form.dataset.intent);
    const box = outbox();
    if (!kind || !box) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const acts = (KINDS[kind] ?? onEntry)(form, button ?? submitter, kind);
    const field = form.querySelector("textarea");
    if (field && acts.length) empty(field);
    if (form.dataset.after) leaveWhenDone(box, form, field, acts);
    else if (acts.length) box.take(acts, (result) => result && field && backIntoField(field, result, acts));
    if (kind === "remove_entry") offerUndo(form, submitter);
    form.closest("dialog")?.close();
    form.closest(".toast")?.remove();
  },
  true,
);

function empty(field) {
  field.value = "";
  document.getElementById("understood")?.replaceChildren();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus({ preventScroll: true });
}

// What was refused while one looks is back where it was typed. True: it is shown there.
function backIntoField(typed, result, acts) {
  if (!wasNotDone(result)) return false;
  const field = document.getElementById(typed.id);
  if (!field || (field.value && !field.dataset.refused)) return false;
  const text = acts.length > 1 ? outbox().intents.find(({ op_id }) => op_id === result.op_id).said : acts[0].said;
  field.value = field.value ? `${field.value}\n${text}` : text;
  field.dataset.refused = "";
  field.addEventListener("input", () => delete field.dataset.refused, { once: true });
  say(result.message)?.classList.add("toast--error");
  return true;
}

// A form that leads on, to `data-after`: when it is done. What is written by the way waits where one is; a page that
// is there for one act is left when that waits. After a refusal one stays.
const LEAVES = 3000;
function leaveWhenDone(box, form, field, acts) {
  const leave = () => location.assign(form.dataset.after);
  if (!acts.length) return leave();
  const late = field ? 0 : setTimeout(leave, LEAVES);
  box.take(acts, (result) => {
    clearTimeout(late);
    if (!result || !wasNotDone(result)) return field && !result ? false : leave();
    if (field) return backIntoField(field, result, acts);
    const error = document.getElementById("refused").content.firstElementChild.cloneNode(true);
    error.querySelector("span").textContent = result.message;
    form.querySelector(".field__error")?.remove();
    form.prepend(error);
    return true;
  });
}

function offerUndo(form, button) {
  const { row, entry } = ofEntry(form, button);
  const template = document.getElementById("removed");
  if (!template || !row) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  const words = toast.querySelector("span");
  words.textContent = words.textContent.replace("#", () => row.querySelector("[id^='n-']").textContent);
  Object.assign(toast.querySelector("form").dataset, { entry, name: row.querySelector("[id^='n-']").textContent });
  document.getElementById("toasts").append(toast);
}

document.addEventListener("click", (event) => {
  const back = event.target.closest?.("[data-take-back]");
  if (back) outbox().takeBack([back.closest("[data-op]").dataset.op]);
  // The page on which an entry is changed can't be asked for without a network: the same fields, here.
  const change = event.target.closest?.(".entry a[href$='/edit']:not([data-open])");
  const dialog = document.getElementById("change");
  if (!change || !dialog || outbox().isOnline) return;
  event.preventDefault();
  openChange(dialog, change.closest(".entry"));
});

function openChange(dialog, row) {
  const form = dialog.querySelector("form");
  const isGot = row.classList.contains("entry--got");
  const name = row.querySelector("[id^='n-']").textContent;
  const [quantity, ...unit] = (row.querySelector(".qty__value strong")?.textContent ?? "").split(" ");
  const note = row.querySelector(".entry__note > span:not(.waits)")?.textContent ?? "";
  Object.assign(form.dataset, { entry: row.id.slice(2), version: row.dataset.version ?? "", name });
  for (const [field, value] of Object.entries({ name, quantity, unit: unit.join(" "), note, price_paid: "" })) {
    const input = form.elements[field];
    input.value = input.defaultValue = value;
    input.closest(".field").hidden = isGot !== (field === "price_paid");
  }
  dialog.showModal();
}

// Around each drawing by the server: off with what was laid over it, and on again.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => ctx.target?.id === "main" && restore());
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target?.id === "main") outbox()?.drawn();
});

customElements.define("out-box", OutBox);
