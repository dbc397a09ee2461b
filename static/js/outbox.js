// The queue of this member's changes. Adding, editing, ticking, removing and messages: each is an intent that is
// stored first, drawn at once, and sent when the server can be reached. Until then it waits, and the page says so.

import { operationId } from "./operation.js";
import { draw, restore } from "./pending.js";
import { all, channel, drop, isWaiting, put, send, wasNotDone } from "./queue.js";
import { showToast } from "./toasts.js";

const LATE_MS = 700; // after that, an intent that has not arrived is shown as waiting
const SAVED_MS = 4000; // how long "All saved" is shown
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30000;

class OutBox extends HTMLElement {
  intents = []; // this member's, as they are in the queue
  confirmed = []; // arrived, but not on the page yet; each with the `seq` from which on it is
  callbacks = new Map(); // by op_id: called with the result if it comes while the page is open
  retryDelay = FIRST_RETRY_MS;
  isReachable = true;
  state = "sent"; // how the last attempt to send ended: "sent", "away", "throttled" or "signed out"
  isStored = true; // false where this browser could not store an intent

  connectedCallback() {
    this.user = this.dataset.user;
    this.home = this.dataset.home;
    this.status = this.querySelector(".connection");
    this.notices = this.querySelector(".outbox__notices");
    window.addEventListener("online", () => this.flush());
    window.addEventListener("offline", () => this.setReachable(false));
    document.addEventListener("visibilitychange", () => document.hidden || this.flush());
    window.addEventListener("beforeunload", (event) => !this.isStored && this.waiting.length && event.preventDefault());
    channel.addEventListener("message", ({ data }) => (data.results ? this.applyResults(data.results) : this.read()));
    this.notices.addEventListener("click", (event) => this.answerNotice(event));
    if (!navigator.onLine) this.setReachable(false);
    this.read().then(() => this.flush());
  }

  async read() {
    this.intents = (await all()).filter((intent) => intent.user === this.user);
    this.render();
  }

  get waiting() {
    return this.intents.filter(isWaiting);
  }

  /** Whether the server answers this member. */
  get isOnline() {
    return this.isReachable && navigator.onLine && ["sent", "throttled"].includes(this.state);
  }

  /**
   * Store the intents, draw them and try to send them.
   * `onResult` is called with the result of each, or with null when it has to wait.
   */
  async enqueue(drafts, onResult) {
    const meant_at = new Date().toISOString();
    const { user, home } = this;
    const intents = drafts.map((draft) => ({ op_id: operationId(), user, home, meant_at, seen: null, ...draft }));
    this.intents.push(...intents);
    for (const { op_id } of intents) if (onResult) this.callbacks.set(op_id, onResult);
    this.render();
    setTimeout(() => this.render(), LATE_MS);
    this.isStored = await put(intents);
    await Promise.all([this.read(), this.flush()]);
    for (const { op_id } of intents) if (this.callbacks.delete(op_id)) onResult?.(null);
  }

  async flush() {
    if (!this.waiting.length && this.state === "sent") return;
    clearTimeout(this.retry);
    const sending = send(this.user, (results) => this.applyResults(results));
    const { state, seconds = 0 } = await sending.catch(() => ({ state: "away" }));
    this.state = state;
    if (state === "away" || state === "throttled") this.retryLater(seconds * 1000);
    else this.retryDelay = FIRST_RETRY_MS;
    this.render();
  }

  // While the server cannot be reached, at increasing intervals of at least `delay`.
  retryLater(delay) {
    const backoff = this.state === "away" ? this.retryDelay * (0.5 + Math.random()) : 0;
    this.retry = setTimeout(() => this.flush(), Math.max(backoff, delay));
    if (backoff) this.retryDelay = Math.min(this.retryDelay * 2, MAX_RETRY_MS);
    self.navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("queue")).catch(() => {});
  }

  // The server answered this page or another sender of this device, so the socket can be opened again, too.
  applyResults(results) {
    const live = document.querySelector("live-home");
    this.isReachable = true;
    live?.open();
    const handled = results.filter((result) => this.applyResult(result)).map(({ op_id }) => op_id);
    if (handled.length) {
      this.intents = this.intents.filter(({ op_id }) => !handled.includes(op_id));
      drop(handled);
    }
    this.pageRendered();
    const seq = Math.max(...results.map((result) => result.seq));
    const areOwnMessages = results.every(({ op_id, outcome }) => outcome === "done" && this.isOwnMessage(op_id));
    if (areOwnMessages) return live?.tellSoon("chat", seq);
    for (const kind of ["lists", "chat"]) {
      live?.tell(
        kind,
        seq,
        results.some(({ outcome }) => outcome !== "done"),
      );
    }
  }

  // True for a refusal that the page has shown where the change was made: it needs no notice.
  applyResult(result) {
    const intent = this.intents.find(({ op_id }) => op_id === result.op_id);
    if (!intent) return false;
    const callback = this.callbacks.get(result.op_id);
    this.callbacks.delete(result.op_id);
    if (result.outcome === "done") {
      this.intents.splice(this.intents.indexOf(intent), 1);
      this.confirmed.push({ ...intent, seq: result.seq, isLate: isOld(intent) });
      if (result.message) showToast("answer-toast", result.message);
      callback?.(result);
      return false;
    }
    if (wasNotDone(result) && callback?.(result)) return true;
    Object.assign(intent, { outcome: result.outcome, message: result.message });
    return false;
  }

  /** The server rendered the page or answered: stop drawing what is on the page by now. */
  pageRendered() {
    const seq = Number(document.getElementById("live")?.dataset.seq ?? 0);
    this.confirmed = this.confirmed.filter((intent) => intent.seq > seq);
    this.render();
  }

  /** Whether that is a message which was written here and is drawn on the page already. */
  isOwnMessage(id) {
    return [...this.intents, ...this.confirmed].some(({ op_id, kind }) => op_id === id && kind === "send_message");
  }

  setReachable(isReachable) {
    this.isReachable = isReachable;
    this.render();
    if (isReachable) this.flush();
  }

  setSignedOut() {
    this.state = "signed out";
    this.render();
  }

  render() {
    const areLate = !this.isOnline || this.state === "throttled";
    const shown = [...this.confirmed, ...this.waiting].filter(({ home }) => home === this.home);
    draw(shown, (intent) => intent.isLate ?? (areLate || isOld(intent)));
    this.renderStatus();
    this.renderNotices();
  }

  // The state of the connection and the queue, in one line; nothing while all is well.
  renderStatus() {
    const count = this.waiting.length;
    let state = null;
    if (this.state === "signed out") state = count ? "sign-in" : "signed-out";
    else if (!this.isReachable || !navigator.onLine) state = count ? "waiting" : "no-signal";
    else if (count && this.state === "throttled") state = "throttled";
    else if (count && (this.state === "away" || this.waiting.some(isOld))) {
      state = this.state === "away" ? "trying" : "sending";
    } else if (count) return;
    else if (!this.status.hidden && this.status.dataset.state !== "no-signal") state = "saved";
    if (!this.isStored && count) state = "unsafe";
    if (state === (this.status.dataset.state ?? null) && count === this.shownCount) return;
    this.shownCount = count;
    clearTimeout(this.hideTimer);
    if (state === "saved") this.hideTimer = setTimeout(() => this.showState(null, 0), SAVED_MS);
    this.showState(state, count);
  }

  showState(state, count) {
    this.status.hidden = !state;
    if (!state) {
      delete this.status.dataset.state;
      return;
    }
    this.status.dataset.state = state;
    this.status.classList.toggle("connection--back", state === "saved");
    this.status.classList.toggle("connection--trying", state === "sending" || state === "trying");
    const content = this.querySelector(`template[data-state="${state}"]`).content.cloneNode(true);
    const form = new Intl.PluralRules(document.documentElement.lang).select(count) === "one" ? "one" : "other";
    for (const phrase of content.querySelectorAll("[data-count]")) {
      if (phrase.dataset.count === form) phrase.replaceWith(phrase.textContent.replace("#", count));
      else phrase.remove();
    }
    for (const link of content.querySelectorAll("a[data-next]")) {
      link.href += `?next=${encodeURIComponent(location.pathname)}`;
    }
    this.status.replaceChildren(content);
  }

  // A change that was refused, or done differently, stays here until the member has seen it.
  renderNotices() {
    const failed = this.intents.filter((intent) => !isWaiting(intent));
    for (const notice of [...this.notices.children]) {
      if (!failed.some(({ op_id }) => op_id === notice.dataset.id)) notice.remove();
    }
    const shownIds = [...this.notices.children].map(({ dataset }) => dataset.id);
    for (const intent of failed) if (!shownIds.includes(intent.op_id)) this.notices.append(this.createNotice(intent));
  }

  createNotice(intent) {
    const notice = this.querySelector("template[data-notice]").content.firstElementChild.cloneNode(true);
    notice.dataset.id = intent.op_id;
    notice.querySelector("[data-message]").textContent = intent.message;
    const change = notice.querySelector("[data-change]");
    if (intent.label) change.lastElementChild.textContent = intent.label;
    else change.remove();
    if (!wasNotDone(intent)) notice.querySelector("[data-again]").remove();
    return notice;
  }

  answerNotice(event) {
    const id = event.target.closest("[data-id]")?.dataset.id;
    const intent = this.intents.find(({ op_id }) => op_id === id);
    if (!intent || !event.target.closest("button")) return;
    this.discard([id]);
    if (event.target.closest("[data-again]")) {
      const { kind, data, label, home } = intent;
      this.enqueue([{ kind, data, label, home }]);
    }
  }

  discard(ids) {
    this.intents = this.intents.filter(({ op_id }) => !ids.includes(op_id));
    drop(ids);
    this.render();
  }
}

const isOld = ({ meant_at }) => Date.now() - Date.parse(meant_at) >= LATE_MS;
export const outbox = () => document.querySelector("out-box");

// Each time the server renders the page: take the drawn changes off before it, and draw them again after it.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => ctx.target?.id === "main" && restore());
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target?.id === "main") outbox()?.pageRendered();
});

customElements.define("out-box", OutBox);
