// The home, live: reads its events over the socket and tells the parts of the page that show them to load again.

const EVENT_KINDS = [
  [/^(list_|items?_|category_|categories_|recurring_|shopping_|aisle_)/, "lists"],
  [/^(chat_|message_|reaction_|channel_)/, "chat"],
  [/^(member_|home_|invitation_)/, "members"],
  [/^agent_/, "agents"],
  [/^(schedule_|summary_)/, "scheduled"],
  [/^suggestion_/, "suggestions"],
  [/^expense_/, "expenses"],
  [/^(task_|calendar_)/, "planner"],
  [/^(pantry_|barcode_)/, "pantry"],
  [/^file_/, "lists"],
  [/^file_/, "expenses"],
];
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 10000;
const PING_MS = 20000;
const OFFLINE_AFTER_MS = 2000;
const TAP_REST_MS = 1500; // for so long after a tap on a row the rows stay where they are, for another tap to undo it
const OWN_MESSAGE_DELAY_MS = 300; // events that follow a member's own message within it share one reload
const SIGNED_OUT = 4401;
const NOT_A_MEMBER = 4403;

class LiveHome extends HTMLElement {
  connectedCallback() {
    this.seq = Number(this.dataset.seq);
    this.retryDelay = FIRST_RETRY_MS;
    this.online = new Set();
    this.open();
    window.addEventListener("online", () => this.reopen());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.open();
      tellDeferred();
    });
  }

  disconnectedCallback() {
    this.isRemoved = true;
    this.socket?.close();
  }

  open() {
    if (this.isRemoved || (this.socket && this.socket.readyState < WebSocket.CLOSING)) return;
    clearTimeout(this.retry);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}${this.dataset.url}?since=${this.seq}`);
    this.socket.onmessage = (message) => this.receive(JSON.parse(message.data));
    this.socket.onclose = (event) => this.onClose(event);
  }

  // A socket from before the network was lost may look open and receive nothing.
  reopen() {
    if (this.socket) {
      this.socket.onclose = null;
      this.socket.onmessage = null;
    }
    this.socket?.close();
    this.socket = null;
    this.open();
  }

  receive(frame) {
    document.dispatchEvent(new CustomEvent("live", { detail: frame }));
    if (frame.type === "welcome") this.welcome(frame);
    else if (frame.type === "user_joined") this.online.add(frame.user_id);
    else if (frame.type === "user_left") this.online.delete(frame.user_id);
    else if (frame.type === "resync") for (const kind of new Set(EVENT_KINDS.map(([, each]) => each))) this.tell(kind, frame.seq, true);
    this.markOnline();
    if (!frame.seq) return;
    if (frame.type !== "welcome") this.seq = Math.max(this.seq, frame.seq);
    const outbox = document.querySelector("out-box");
    const isOwn = frame.type === "chat_message" && outbox?.isOwnMessage(frame.data.message.id);
    for (const [pattern, kind] of EVENT_KINDS) {
      if (!frame.type || !pattern.test(frame.type)) continue;
      if (isOwn) this.tellSoon(kind, frame.seq);
      else this.tell(kind, frame.seq);
    }
  }

  welcome(frame) {
    this.retryDelay = FIRST_RETRY_MS;
    this.reportConnection(true);
    this.online = new Set(frame.members_online);
    this.pings ??= setInterval(() => this.send({ type: "ping" }), PING_MS);
  }

  /** Send a frame if the socket is open, and return whether it was. A frame that cannot be sent now is dropped. */
  send(frame) {
    const isOpen = this.socket?.readyState === WebSocket.OPEN;
    if (isOpen) this.socket.send(JSON.stringify(frame));
    return isOpen;
  }

  /**
   * Tell the parts of the page that show this kind to load again, unless they are as new as event `seq` or are being
   * loaded already. While a post of the page is under way this waits for its answer, which renders the page anyway;
   * while the page is hidden it waits until it is visible, and after a tap on a row until the next one cannot miss.
   */
  tell(kind, seq, always = false) {
    if (posts.size || document.hidden || tapRest) {
      const other = deferred.get(kind) ?? { seq, always };
      return deferred.set(kind, { seq: Math.max(seq, other.seq), always: always || other.always });
    }
    if (!always && seq <= Math.max(renderedSeq(), requested.get(kind) ?? 0)) return;
    requested.set(kind, seq);
    document.body.dispatchEvent(new CustomEvent(`home:${kind}`, { detail: { seq } }));
  }

  // The member's own message is on the page already, and Pixie's answer usually follows at once: load both together.
  tellSoon(kind, seq) {
    setTimeout(() => this.tell(kind, seq), OWN_MESSAGE_DELAY_MS);
  }

  markOnline() {
    for (const mark of document.querySelectorAll("[data-here]")) mark.hidden = !this.online.has(mark.dataset.here);
  }

  onClose(event) {
    const outbox = document.querySelector("out-box");
    if (event.code === SIGNED_OUT && outbox?.waiting.length) return outbox.setSignedOut();
    if (event.code === SIGNED_OUT || event.code === NOT_A_MEMBER) return location.assign("/");
    this.reportConnection(false);
    this.retry = setTimeout(() => this.open(), this.retryDelay * (0.5 + Math.random()));
    this.retryDelay = Math.min(this.retryDelay * 2, MAX_RETRY_MS);
  }

  reportConnection(isConnected) {
    clearTimeout(this.report);
    const report = () => document.querySelector("out-box")?.setReachable(isConnected);
    if (isConnected) report();
    else this.report = setTimeout(report, OFFLINE_AFTER_MS);
  }
}

const posts = new Set(); // htmx posts under way
const deferred = new Map(); // kind → { seq, always }, to tell later
let tapRest = 0; // a timer
const requested = new Map(); // kind → seq, being loaded
const renderedSeq = () => Number(document.getElementById("live")?.dataset.seq ?? 0);

document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.request.method === "POST") posts.add(event.detail.ctx);
});

document.addEventListener("htmx:finally:request", (event) => {
  if (event.detail.ctx.sourceElement.id === "live") requested.clear();
  if (posts.delete(event.detail.ctx) && !posts.size) tellDeferred();
});

// A refresh that was refused because there were too many is made up for as soon as the server allows it.
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.id !== "live" || ctx.response.status !== 429) return;
  const refresh = () => document.body.dispatchEvent(new CustomEvent(ctx.sourceEvent.type));
  setTimeout(refresh, (Number(ctx.response.headers.get("Retry-After")) || 1) * 1000);
});

function tellDeferred() {
  const waiting = [...deferred];
  deferred.clear();
  for (const [kind, { seq, always }] of waiting) document.querySelector("live-home")?.tell(kind, seq, always);
}

document.addEventListener(
  "click",
  ({ target }) => {
    if (!target.closest?.(".entry")) return;
    clearTimeout(tapRest);
    tapRest = setTimeout(() => {
      tapRest = 0;
      tellDeferred();
    }, TAP_REST_MS);
  },
  true,
);

customElements.define("live-home", LiveHome);
document.addEventListener("htmx:after:swap", () => document.querySelector("live-home")?.markOnline());

// A page that was requested before a newer one was rendered must not replace it; nor may the sign-in page, which is
// the answer when the session has ended.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.id === "live" && ctx.response.raw.redirected) return event.preventDefault();
  const seq = Number(ctx.text?.match(/id="live"[^>]*data-seq="(\d+)"/)?.[1] ?? renderedSeq());
  if (seq < renderedSeq()) event.preventDefault();
});
