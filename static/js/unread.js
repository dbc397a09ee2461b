// The unread counts on the Chat tab and beside each room. They come over the socket, so they are right in every tab.

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
  if (isOpen && frame.count) return; // it is read as it arrives
  document.getElementById("unread")?.replaceChildren(...(frame.total ? [createBadge(frame.total)] : []));
  if (!room || room.hasAttribute("aria-current")) return;
  room.classList.toggle("channel--unread", frame.count > 0);
  room.querySelector(".badge")?.remove();
  if (frame.count) room.append(createBadge(frame.count));
});
