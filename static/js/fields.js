// Fields that the browser can fill or copy: the time zone of a new home, the link of an invitation.

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
