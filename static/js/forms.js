// Forms: sent once however often a button is pressed, their own address and operation id for each press that htmx
// sends, Enter to send, and failed requests.

import { operationId } from "./operation.js";
import { outbox } from "./outbox.js";
import { showToast } from "./toasts.js";

const RESEND_MS = { htmx: 1000, page: 5000 }; // then the same button can send the same again
const MAX_RETRIES = 2; // of a form that a busy server refused, or that was one too many
const MAX_RETRY_SECONDS = 10;
const sentAt = new Map();
const retriesOf = new WeakMap();

document.addEventListener(
  "submit",
  (event) => {
    const { target: form, submitter } = event;
    const isIntent = submitter?.dataset.intent ?? (!submitter?.hasAttribute("formaction") && form.dataset.intent);
    if (form.method !== "post" || isIntent || outbox()?.isOnline === false) return;
    const { name, value } = submitter ?? {};
    const key = [form.id, form.getAttribute("action"), submitter?.getAttribute("formaction"), name, value].join();
    const wait = form.hasAttribute("hx-post") ? RESEND_MS.htmx : RESEND_MS.page;
    if (Date.now() - (sentAt.get(key) ?? 0) < wait) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else sentAt.set(key, Date.now());
  },
  true,
);

// htmx ignores the `formaction` of the button that was pressed. Each press is an operation of its own.
document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method !== "POST") return;
  if (request.submitter?.hasAttribute("formaction")) request.action = request.submitter.getAttribute("formaction");
  if (request.body.has("op_id")) request.body.set("op_id", operationId());
});

/** Whether the key belongs to a composition, as of Japanese: it chooses what is written, and does nothing else. */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

// Enter sends; with Shift it begins a new line. On a phone the keyboard's send key does it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || isComposing(event) || !event.target.matches?.("[data-enter]")) return;
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
  const { hx, request, response, sourceElement } = event.detail.ctx;
  if (response.status === 422 || (response.status === 429 && hx.reswap !== "none")) return; // the page says why
  if (![429, 503].includes(response.status)) showToast("went-wrong");
  else if (request.method === "POST") sendAgain(sourceElement, request, response); // others refresh themselves anyway
});

function sendAgain(form, { submitter }, response) {
  const retries = retriesOf.get(form) ?? 0;
  if (!(form instanceof HTMLFormElement) || retries === MAX_RETRIES) {
    retriesOf.delete(form);
    return showToast("busy");
  }
  retriesOf.set(form, retries + 1);
  const seconds = Math.min(Number(response.headers?.get("Retry-After")) || 1, MAX_RETRY_SECONDS);
  setTimeout(() => {
    if (form.isConnected) form.requestSubmit(submitter?.isConnected ? submitter : null);
    else showToast("busy");
  }, seconds * 1000 + RESEND_MS.htmx);
}

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.response.status < 400) retriesOf.delete(ctx.sourceElement);
});
