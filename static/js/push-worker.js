// The part of the service worker that hears pushes. What comes is { title, body, url, tag, icon }: `url` is a page of
// ours, and of one `tag` only the newest is shown.

import { token } from "./queue.js";

self.addEventListener("push", (event) => event.waitUntil(tell(event.data.json())));

async function tell({ title, body, url, tag, icon }) {
  const { pathname } = new URL(url, location.origin);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const isSeen = pages.some((page) => page.focused && new URL(page.url).pathname === pathname);
  if (isSeen) return; // it is on the screen already
  await self.registration.showNotification(title, { body, tag, icon, renotify: true, data: { url } });
}

// The browser's maker gave it another address: only from here does the server hear of that.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(move(event)));

async function move({ oldSubscription, newSubscription }) {
  const now = newSubscription ?? (await self.registration.pushManager.subscribe(oldSubscription.options));
  const { endpoint, keys } = now.toJSON();
  await fetch("/api/users/me/devices", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": await token() },
    body: JSON.stringify({ endpoint, keys }),
  });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(lead(new URL(event.notification.data.url, location.origin)));
});

// To a page that is open already, if there is one.
async function lead({ origin, href }) {
  if (origin !== location.origin) return;
  const [page] = await self.clients.matchAll({ type: "window" });
  if (!page) return self.clients.openWindow(href);
  await page.focus();
  await page.navigate(href);
}
