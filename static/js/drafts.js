// What agents are writing, as it arrives. Each frame names the position at which its text begins: what was after it
// is replaced. A frame may be lost; about once a second one brings the whole text.

const drafts = new Map(); // by message id: the characters, and what the agent is doing
const requested = new Set(); // ids of messages for which the page was loaded again

const elementsOf = (id) => document.querySelectorAll(`[data-draft="${CSS.escape(id)}"]`);
const currentPlace = () => document.getElementById("live")?.dataset.place;

function apply(frame) {
  const id = frame.message_id;
  const draft = drafts.get(id) ?? { characters: [], doing: "" };
  drafts.set(id, draft);
  draft.doing = frame.doing;
  if (frame.at <= draft.characters.length) {
    draft.characters = [...draft.characters.slice(0, frame.at), ...frame.text];
  }
  const isUnknown = !render(id) && !requested.has(id);
  if (isUnknown && frame.channel_id === currentPlace() && !document.hidden) {
    requested.add(id);
    document.body.dispatchEvent(new CustomEvent("home:chat")); // the page does not have the message yet
  }
}

/** Return how many elements of the page show the draft. */
function render(id) {
  const { characters, doing } = drafts.get(id);
  const elements = elementsOf(id);
  for (const element of elements) {
    if (characters.length || doing) element.querySelector("[data-words]").textContent = characters.join("");
    element.querySelector("[data-doing]").textContent = doing;
    element.querySelector(".steps").hidden = !doing;
  }
  return elements.length;
}

document.addEventListener("live", ({ detail: frame }) => {
  if (frame.type === "message_delta") apply(frame);
  else if (frame.type === "chat_message") drafts.delete(frame.data?.message?.id);
});

document.addEventListener("htmx:after:swap", () => {
  for (const id of drafts.keys()) render(id);
});
