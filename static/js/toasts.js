// Toasts: the page's own and those that scripts show, from templates that the server rendered.

const VISIBLE_MS = 8000;

/** Show a copy of the toast in the template with that id. Return it, or null where the page has no such template. */
export function showToast(templateId, text) {
  const toast = document.getElementById(templateId)?.content.firstElementChild?.cloneNode(true);
  if (!toast) return null;
  if (text !== undefined) toast.querySelector("span").textContent = text;
  document.getElementById("toasts")?.append(toast);
  return toast;
}

// Errors stay until they are closed.
function removeLater(toast) {
  if (!toast.matches(".toast--error")) setTimeout(() => toast.remove(), VISIBLE_MS);
}

const toasts = document.getElementById("toasts");
if (toasts) {
  for (const toast of toasts.querySelectorAll(".toast")) removeLater(toast);
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node.matches?.(".toast")) removeLater(node);
    }
  }).observe(toasts, { childList: true });
}

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-close]")?.closest(".toast, .notice")?.remove();
});
