// Forms that answer in place: each press is an operation of its own, and nothing typed is lost.

// A button of a form may lead elsewhere than the form does.
document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method !== "POST") return;
  if (request.submitter?.hasAttribute("formaction")) request.action = request.submitter.getAttribute("formaction");
  if (request.body.has("op_id") && !request.form?.hasAttribute("data-clear")) request.body.set("op_id", crypto.randomUUID());
});

// After it was taken, the field is empty and ready for the next; after a refusal it keeps what was typed.
document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement;
  if (!form.matches?.("form[data-clear]") || ctx.response.status >= 400) return;
  const here = document.getElementById(form.id) ?? form;
  const field = here.querySelector("textarea");
  if (field && field.value === ctx.sent) field.value = "";
  document.getElementById("understood")?.replaceChildren();
  field?.focus({ preventScroll: true });
});

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  ctx.sent = ctx.sourceElement.matches?.("form[data-clear]") ? ctx.sourceElement.querySelector("textarea")?.value : null;
});

// Enter sends; with Shift it begins a line. On a phone's keyboard the send key does it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches?.("[data-enter]")) return;
  event.preventDefault();
  if (event.target.value.trim()) event.target.form.requestSubmit();
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
