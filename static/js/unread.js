// How much is unread, on the Chat tab and beside each room: told over the socket, so it is right in every tab.

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
  if (isOpen && frame.count) return; // it is being read as it comes
  document.getElementById("unread")?.replaceChildren(...(frame.total ? [badge(frame.total)] : []));
  if (!room || room.hasAttribute("aria-current")) return;
  room.classList.toggle("channel--unread", frame.count > 0);
  room.querySelector(".badge")?.remove();
  if (frame.count) room.append(badge(frame.count));
});
