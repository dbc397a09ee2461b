// The service worker's push messages. A payload is { title, body, url, answers, tag, icon }: `url` is a page of ours, and
// of one `tag` only the newest is shown. `answers` are buttons, each with the `url` of the page that it opens.

import { csrfToken } from "./queue.js";

self.addEventListener("push", (event) => event.waitUntil(notify(event.data.json())));

async function notify({ title, body, url, answers = [], tag, icon }) {
  const { pathname } = new URL(url, location.origin);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const isVisible = pages.some((page) => page.focused && new URL(page.url).pathname === pathname);
  if (isVisible) return;
  const actions = answers.map((answer) => ({ action: answer.url, title: answer.label }));
  await self.registration.showNotification(title, { body, tag, icon, actions, renotify: true, data: { url } });
}

// The push service gave the browser another endpoint; the server learns of it only from here.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(resubscribe(event)));

async function resubscribe({ oldSubscription, newSubscription }) {
  const subscription = newSubscription ?? (await self.registration.pushManager.subscribe(oldSubscription.options));
  const { endpoint, keys } = subscription.toJSON();
  await fetch("/api/users/me/devices", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": await csrfToken() },
    body: JSON.stringify({ endpoint, keys }),
  });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openPage(new URL(event.action || event.notification.data.url, location.origin)));
});

// Reuse a page that is open already, if there is one.
async function openPage({ origin, href }) {
  if (origin !== location.origin) return;
  const [page] = await self.clients.matchAll({ type: "window" });
  if (!page) return self.clients.openWindow(href);
  await page.focus();
  await page.navigate(href);
}
