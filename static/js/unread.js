// How much is unread, on the Chat tab and beside each room: the socket tells every tab. And marking as read what a person
// sees: a page that is fetched without being shown marks nothing.

import { token } from "./queue.js";

const SOCKET_MS = 3000; // after this time without a socket, a request marks as read

const marked = new Map(); // channel → up to which number this page has marked it

function markRead({ withoutSocket = false } = {}) {
  const talk = document.querySelector("#talk[data-unread-to]");
  if (!talk || document.hidden) return;
  const { channel, unreadTo } = talk.dataset;
  const seq = Number(unreadTo);
  if (seq <= (marked.get(channel) ?? 0)) return;
  if (document.querySelector("live-home")?.say({ type: "read", channel_id: channel, seq })) marked.set(channel, seq);
  else if (withoutSocket) postRead(channel, seq);
}

async function postRead(channel, seq) {
  const { action } = document.querySelector("#talk").dataset;
  const headers = { "X-CSRFToken": await token() };
  const options = { method: "POST", headers, body: new URLSearchParams({ seq }), redirect: "manual" };
  const answer = await fetch(action, options).catch(() => null);
  if (answer?.type === "opaqueredirect") marked.set(channel, seq);
}

const markSoon = () => (markRead(), setTimeout(markRead, SOCKET_MS, { withoutSocket: true }));
document.addEventListener("live", ({ detail }) => detail.type === "welcome" && markRead());
document.addEventListener("visibilitychange", markSoon);
document.addEventListener("htmx:after:swap", markSoon);
markSoon();

function badge(count) {
  const drawn = document.getElementById("unread-badge").content.firstElementChild.cloneNode(true);
  const [shown, spoken] = drawn.children;
  shown.textContent = count > 99 ? "99+" : count;
  spoken.textContent = `${count} ${spoken.textContent}`;
  return drawn;
}

document.addEventListener("live", ({ detail: frame }) => {
  if (frame.type !== "unread_count") return;
  const room = document.querySelector(`.channel[data-channel="${CSS.escape(frame.channel_id)}"]`);
  const isOpen = room?.hasAttribute("aria-current") && !document.hidden;
  if (isOpen && frame.count) return; // it is read as soon as it is drawn
  document.getElementById("unread")?.replaceChildren(...(frame.total ? [badge(frame.total)] : []));
  if (!room || room.hasAttribute("aria-current")) return;
  room.classList.toggle("channel--unread", frame.count > 0);
  room.querySelector(".badge")?.remove();
  if (frame.count) room.append(badge(frame.count));
});
