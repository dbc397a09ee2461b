// Forms that answer in place: each press is an operation of its own.

import { operation, outbox } from "./outbox.js";

// A button of a form may lead elsewhere than the form does.
document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method !== "POST") return;
  if (request.submitter?.hasAttribute("formaction")) request.action = request.submitter.getAttribute("formaction");
  if (request.body.has("op_id")) request.body.set("op_id", operation());
});

// Enter sends; with Shift it begins a line. On a phone's keyboard the send key does it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches?.("[data-enter]")) return;
  event.preventDefault();
  if (event.target.value.trim()) event.target.form.requestSubmit();
});

// A form that leads to another page would take along what was typed.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post" || outbox()?.isOnline !== false) return;
  event.preventDefault();
  say("no-signal");
});

function say(template) {
  const toast = document.getElementById(template)?.content.firstElementChild?.cloneNode(true);
  if (toast) document.getElementById("toasts")?.append(toast);
}

// Only what somebody sent is missed: a page that could not refresh itself is the connection's to tell of.
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.request?.method === "POST") say("no-signal");
});
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.response.status !== 422) say("went-wrong");
});
