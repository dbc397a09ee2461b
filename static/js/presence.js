// Who has the same list or room open, and who is typing in it. The page names what it shows in `data-place`; every
// member of the home is in the page, hidden, and is shown while present.

const TYPING_MS = 5000; // how long one typing signal counts
const TYPING_INTERVAL_MS = 3000; // between two signals of one's own

const live = () => document.querySelector("live-home");
const currentPlace = () => (document.hidden ? null : (document.getElementById("live")?.dataset.place ?? null));

let reportedPlace = null; // as the server knows it
let viewers = { at: null, user_ids: [] };
let lastTypingAt = 0;
const typingUntil = new Map(); // by user id

function reportPlace(always = false) {
  if (!always && reportedPlace === currentPlace()) return;
  reportedPlace = currentPlace();
  live()?.send({ type: "looking", at: reportedPlace });
}

function render() {
  const present = viewers.at && viewers.at === currentPlace() ? viewers.user_ids : [];
  showMembers("data-looking", (id) => present.includes(id));
  showMembers("data-typing", (id) => (typingUntil.get(id) ?? 0) > Date.now());
}

// Members do not see themselves. A group without anybody to show is hidden, too.
function showMembers(attribute, isShown) {
  const me = live()?.dataset.me;
  for (const element of document.querySelectorAll(`[${attribute}]`)) {
    const id = element.getAttribute(attribute);
    element.hidden = id === me || !isShown(id);
  }
  for (const group of document.querySelectorAll(`[data-group="${attribute}"]`)) {
    group.hidden = !group.querySelector(`[${attribute}]:not([hidden])`);
  }
}

document.addEventListener("live", ({ detail: frame }) => {
  if (frame.type === "welcome") reportPlace(true);
  else if (frame.type === "looking") viewers = frame;
  else if (frame.type === "typing" && frame.channel_id === currentPlace()) {
    typingUntil.set(frame.user_id, Date.now() + TYPING_MS);
    setTimeout(render, TYPING_MS + 50);
  } else if (frame.type === "chat_message") typingUntil.delete(frame.actor.user);
  else return;
  render();
});

document.addEventListener("visibilitychange", () => reportPlace());
document.addEventListener("htmx:after:swap", () => {
  reportPlace();
  render();
});

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("[data-reports-typing]") || !target.value) return;
  if (Date.now() - lastTypingAt < TYPING_INTERVAL_MS) return;
  lastTypingAt = Date.now();
  live()?.send({ type: "typing", channel_id: currentPlace() });
});
document.addEventListener("submit", () => {
  lastTypingAt = 0;
});
