// Forms that htmx sends: their own address and operation id for each press, Enter to send, and failed requests.

import { operationId } from "./operation.js";
import { outbox } from "./outbox.js";
import { showToast } from "./toasts.js";

// htmx ignores the `formaction` of the button that was pressed. Each press is an operation of its own.
document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method !== "POST") return;
  if (request.submitter?.hasAttribute("formaction")) request.action = request.submitter.getAttribute("formaction");
  if (request.body.has("op_id")) request.body.set("op_id", operationId());
});

// Enter sends; with Shift it begins a new line. On a phone the keyboard's send key does it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches?.("[data-enter]")) return;
  event.preventDefault();
  if (event.target.value.trim()) event.target.form.requestSubmit();
});

// Offline, a form that leads to another page would lose what was typed.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post" || outbox()?.isOnline !== false) return;
  event.preventDefault();
  showToast("no-signal");
});

// Only failed posts are reported here: a page that could not refresh itself is part of the connection's status.
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.request?.method === "POST") showToast("no-signal");
});
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.response.status !== 422) showToast("went-wrong");
});
