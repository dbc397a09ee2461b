// Who looks at the same list or room as I do, and who is typing in it. The page names what it shows by `data-place`;
// everybody at home stands in it, hidden, and is shown while here.

const TYPES_FOR = 5000; // milliseconds that a word of typing holds
const SAYS_EACH = 3000; // milliseconds between two words of one's own typing

const live = () => document.querySelector("live-home");
const place = () => (document.hidden ? null : (document.getElementById("live")?.dataset.place ?? null));

let said = null; // what the server knows that I look at
let looking = { at: null, user_ids: [] };
let typedAt = 0;
const typing = new Map(); // who → until when

function look(always = false) {
  if (!always && said === place()) return;
  said = place();
  live()?.say({ type: "looking", at: said });
}

function draw() {
  const here = looking.at && looking.at === place() ? looking.user_ids : [];
  show("data-looking", (id) => here.includes(id));
  show("data-typing", (id) => (typing.get(id) ?? 0) > Date.now());
}

// The one who looks is not told of themselves. A group whose people are all gone goes, too.
function show(name, isShown) {
  const me = live()?.dataset.me;
  for (const one of document.querySelectorAll(`[${name}]`)) {
    const id = one.getAttribute(name);
    one.hidden = id === me || !isShown(id);
  }
  for (const group of document.querySelectorAll(`[data-group="${name}"]`)) group.hidden = !group.querySelector(`[${name}]:not([hidden])`);
}

document.addEventListener("live", ({ detail: frame }) => {
  if (frame.type === "welcome") look(true);
  else if (frame.type === "looking") looking = frame;
  else if (frame.type === "typing" && frame.channel_id === place()) {
    typing.set(frame.user_id, Date.now() + TYPES_FOR);
    setTimeout(draw, TYPES_FOR + 50);
  } else if (frame.type === "chat_message") typing.delete(frame.actor.user);
  else return;
  draw();
});

document.addEventListener("visibilitychange", () => look());
document.addEventListener("htmx:after:swap", () => (look(), draw()));

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-says-typing]") || !event.target.value || Date.now() - typedAt < SAYS_EACH) return;
  typedAt = Date.now();
  live()?.say({ type: "typing", channel_id: place() });
});
document.addEventListener("submit", () => (typedAt = 0));
