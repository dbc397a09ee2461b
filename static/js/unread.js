// The unread counts on the Chat tab and beside each room. They come over the socket, so they are right in every tab.
// Messages are marked as read here, when a person sees them: a page that is fetched without being shown marks nothing.

import { csrfToken } from "./queue.js";

const SOCKET_MS = 3000; // after this time without a socket, a request marks as read

const marked = new Map(); // channel → up to which event this page has marked it

function markRead({ withoutSocket = false } = {}) {
  const messageList = document.querySelector("#message-list[data-unread-to]");
  if (!messageList || document.hidden) return;
  const { channel, unreadTo } = messageList.dataset;
  const seq = Number(unreadTo);
  if (seq <= (marked.get(channel) ?? 0)) return;
  if (document.querySelector("live-home")?.send({ type: "read", channel_id: channel, seq })) marked.set(channel, seq);
  else if (withoutSocket) postRead(channel, seq);
}

async function postRead(channel, seq) {
  const { action } = document.querySelector("#message-list").dataset;
  const headers = { "X-CSRFToken": await csrfToken() };
  const options = { method: "POST", headers, body: new URLSearchParams({ seq }), redirect: "manual" };
  const answer = await fetch(action, options).catch(() => null);
  if (answer?.type === "opaqueredirect") marked.set(channel, seq);
}

const markSoon = () => (markRead(), setTimeout(markRead, SOCKET_MS, { withoutSocket: true }));
document.addEventListener("live", ({ detail }) => detail.type === "welcome" && markRead());
document.addEventListener("visibilitychange", markSoon);
document.addEventListener("htmx:after:swap", markSoon);
markSoon();

function createBadge(count) {
  const badge = document.getElementById("unread-badge").content.firstElementChild.cloneNode(true);
  const [number, label] = badge.children;
  number.textContent = count > 99 ? "99+" : count;
  label.textContent = `${count} ${label.textContent}`;
  return badge;
}

document.addEventListener("live", ({ detail: frame }) => {
  if (frame.type !== "unread_count") return;
  const room = document.querySelector(`.channel[data-channel="${CSS.escape(frame.channel_id)}"]`);
  const isOpen = room?.hasAttribute("aria-current") && !document.hidden;
  if (isOpen && frame.count) return; // it is read as soon as it is drawn
  document.getElementById("unread")?.replaceChildren(...(frame.total ? [createBadge(frame.total)] : []));
  if (!room || room.hasAttribute("aria-current")) return;
  room.classList.toggle("channel--unread", frame.count > 0);
  room.querySelector(".badge")?.remove();
  if (frame.count) room.append(createBadge(frame.count));
});
