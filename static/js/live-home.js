// The home, live: hears the log over the socket and lets the parts of the page that show it ask again.

const KINDS = [
  [/^(list_|item_|category_|recurring_|shopping_|aisle_)/, "lists"],
  [/^(chat_|message_|reaction_|channel_)/, "chat"],
  [/^(member_|home_|invitation_)/, "members"],
  [/^agent_/, "agents"],
  [/^(schedule_|summary_)/, "scheduled"],
  [/^suggestion_/, "suggestions"],
];
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10000;
const PING = 20000;
const OWN = 300; // milliseconds in which what follows one's own message brings that message along

class LiveHome extends HTMLElement {
  connectedCallback() {
    this.seq = Number(this.dataset.seq);
    this.wait = FIRST_WAIT;
    this.online = new Set();
    this.open();
    window.addEventListener("online", () => this.renew());
    document.addEventListener("visibilitychange", () => document.hidden || (this.open(), tellLater()));
  }

  disconnectedCallback() {
    this.left = true;
    this.socket?.close();
  }

  open() {
    if (this.left || (this.socket && this.socket.readyState < WebSocket.CLOSING)) return;
    clearTimeout(this.again);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}${this.dataset.url}?since=${this.seq}`);
    this.socket.onmessage = (message) => this.hear(JSON.parse(message.data));
    this.socket.onclose = (event) => this.lost(event);
  }

  // A socket from before the network went may look open and hear nothing.
  renew() {
    if (this.socket) this.socket.onclose = this.socket.onmessage = null;
    this.socket?.close();
    this.socket = null;
    this.open();
  }

  hear(frame) {
    document.dispatchEvent(new CustomEvent("live", { detail: frame }));
    if (frame.type === "welcome") {
      this.wait = FIRST_WAIT;
      this.signal(true);
      this.online = new Set(frame.members_online);
      this.beat ??= setInterval(() => this.socket.readyState === WebSocket.OPEN && this.socket.send('{"type":"ping"}'), PING);
    } else if (frame.type === "user_joined") this.online.add(frame.user_id);
    else if (frame.type === "user_left") this.online.delete(frame.user_id);
    else if (frame.type === "resync") for (const kind of ["lists", "chat", "agents"]) this.tell(kind, frame.seq, true);
    this.mark();
    if (!frame.seq) return;
    if (frame.type !== "welcome") this.seq = Math.max(this.seq, frame.seq);
    const isOwn = frame.type === "chat_message" && document.querySelector("out-box")?.said(frame.data.message.id);
    for (const [pattern, kind] of KINDS) {
      if (frame.type && pattern.test(frame.type)) isOwn ? this.tellSoon(kind, frame.seq) : this.tell(kind, frame.seq);
    }
  }

  // Send a command over the socket. Returns whether the socket was open.
  say(frame) {
    const isOpen = this.socket?.readyState === WebSocket.OPEN;
    if (isOpen) this.socket.send(JSON.stringify(frame));
    return isOpen;
  }

  // A page that was drawn after the event (it bears a later number) knows it already. While a change of one's
  // own is under way its answer will draw the page, so what is heard meanwhile waits for that. A page that nobody
  // sees waits until somebody does.
  // What is being asked for already is not asked for again.
  tell(kind, seq, always = false) {
    if (underWay.size || document.hidden) return heard.set(kind, Math.max(seq, heard.get(kind) ?? 0));
    if (!always && seq <= Math.max(shown(), asked.get(kind) ?? 0)) return;
    asked.set(kind, seq);
    document.body.dispatchEvent(new CustomEvent(`home:${kind}`, { detail: { seq } }));
  }

  // One's own message stands on the page already, and as a rule Pixie's answer comes at once: that is one page to ask
  // for instead of two.
  tellSoon(kind, seq) {
    setTimeout(() => this.tell(kind, seq), OWN);
  }

  // Whoever has the home open somewhere is marked as being here.
  mark() {
    for (const word of document.querySelectorAll("[data-here]")) word.hidden = !this.online.has(word.dataset.here);
  }

  lost(event) {
    const outbox = document.querySelector("out-box");
    if (event.code === 4401 && outbox?.waiting.length) return outbox.signedOut();
    if (event.code === 4401 || event.code === 4403) return location.assign("/");
    this.signal(false);
    this.again = setTimeout(() => this.open(), this.wait * (0.5 + Math.random()));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  signal(connected) {
    clearTimeout(this.telling);
    const tell = () => document.querySelector("out-box")?.signal(connected);
    if (connected) tell();
    else this.telling = setTimeout(tell, 2000);
  }
}

const underWay = new Set();
const heard = new Map();
const asked = new Map();
const shown = () => Number(document.getElementById("live")?.dataset.seq ?? 0);

document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.request.method === "POST") underWay.add(event.detail.ctx);
});

document.addEventListener("htmx:finally:request", (event) => {
  if (event.detail.ctx.sourceElement.id === "live") asked.clear();
  if (underWay.delete(event.detail.ctx) && !underWay.size) tellLater();
});

function tellLater() {
  const waited = [...heard];
  heard.clear();
  for (const [kind, seq] of waited) document.querySelector("live-home")?.tell(kind, seq);
}

customElements.define("live-home", LiveHome);
document.addEventListener("htmx:after:swap", () => document.querySelector("live-home")?.mark());

// A page that was asked for before a newer one was drawn must not be drawn over it; nor may the door, which is
// what comes when the session has ended.
document.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx.sourceElement.id === "live" && event.detail.ctx.response.raw.redirected) return event.preventDefault();
  const seq = Number(event.detail.ctx.text?.match(/id="live"[^>]*data-seq="(\d+)"/)?.[1] ?? shown());
  if (seq < shown()) event.preventDefault();
});
