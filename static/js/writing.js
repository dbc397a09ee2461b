// What an agent is writing, as it comes. Each frame says at which letter its piece begins: what stood behind that was
// taken back. A piece is missed now and then, and about each second one brings all of it.

const drafts = new Map(); // message → its letters, and what is being done
const asked = new Set();

const places = (id) => document.querySelectorAll(`[data-draft="${CSS.escape(id)}"]`);
const place = () => document.getElementById("live")?.dataset.place;

function take(frame) {
  const draft = drafts.get(frame.message_id) ?? { letters: [], doing: "" };
  drafts.set(frame.message_id, draft);
  draft.doing = frame.doing;
  if (frame.at <= draft.letters.length) draft.letters = [...draft.letters.slice(0, frame.at), ...frame.text];
  if (!draw(frame.message_id) && frame.channel_id === place() && !document.hidden && !asked.has(frame.message_id)) {
    asked.add(frame.message_id);
    document.body.dispatchEvent(new CustomEvent("home:chat")); // the page does not know the message yet
  }
}

function draw(id) {
  const { letters, doing } = drafts.get(id);
  const found = places(id);
  for (const one of found) {
    const words = one.querySelector("[data-words]");
    if (letters.length || doing) words.textContent = letters.join("");
    one.querySelector("[data-doing]").textContent = doing;
    one.querySelector(".steps").hidden = !doing;
  }
  return found.length;
}

document.addEventListener("live", ({ detail: frame }) => {
  if (frame.type === "message_delta") take(frame);
  else if (frame.type === "chat_message") drafts.delete(frame.data?.message?.id);
});

document.addEventListener("htmx:after:swap", () => {
  for (const id of drafts.keys()) draw(id);
});
