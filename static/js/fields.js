// What the browser can fill, copy or print: the time zone of a new home, the link of an invitation, a list.

import { showToast } from "./toasts.js";

for (const field of document.querySelectorAll("input[data-timezone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  // Over plain HTTP there is no clipboard API; the selection can be copied all the same.
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
  else if (!document.execCommand("copy")) return;
  button.setAttribute("data-copied", "");
});

// The link leads to the text itself, for where there is no clipboard API.
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-copy-text]");
  if (!link || !navigator.clipboard) return;
  event.preventDefault();
  try {
    const response = await fetch(link.href);
    if (!response.ok) throw new Error(response.statusText);
    await navigator.clipboard.writeText(await response.text());
    showToast("copied");
  } catch {
    location.assign(link.href);
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) print();
});
