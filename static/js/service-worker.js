// The app without a network: static files from here, pages from the network and, when it fails or is slow, as they
// were seen last. The server puts VERSION, FILES and OFFLINE before this.

import "./push-worker.js";
import { all, send } from "./queue.js";

const STATIC = `static:${VERSION}`;
const PAGES = "pages:"; // and the person whose pages they are
const MOST = 40; // pages that are kept, the latest
const SLOW = 3000; // milliseconds, then the page as it was seen last does

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(
    caches.open(STATIC).then((cache) => cache.addAll([...FILES, new Request(OFFLINE, { cache: "reload" })])),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      await self.registration.navigationPreload?.enable();
      await self.clients.claim();
      await renew();
    })(),
  );
});

// Pages that were kept ask for the static files of their time, which stay until every page is one of now.
async function renew() {
  const old = (await caches.keys()).filter((name) => name.startsWith("static:") && name !== STATIC);
  if (!old.length) return;
  for (const cache of await pageCaches()) {
    for (const request of await cache.keys()) {
      const answer = await fetch(request.url).catch(() => null);
      if (!answer) return;
      if (!(await keep(request.url, answer))) await cache.delete(request);
    }
  }
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || /^\/(admin|api)\//.test(pathname)) return;
  if (request.mode === "navigate") event.respondWith(request.method === "GET" ? page(event) : sent(event));
  else if (request.method === "GET" && pathname.startsWith("/static/")) event.respondWith(file(request));
});

async function file(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (FILES.length && answer.ok && /immutable/.test(answer.headers.get("Cache-Control"))) {
    const copy = answer.clone();
    caches.open(STATIC).then((cache) => cache.put(request, copy));
  }
  return answer;
}

// A form that leads to another page. Whoever signs in or out leaves no pages for the next.
async function sent(event) {
  if (/^\/accounts\/(login|logout|signup)\//.test(new URL(event.request.url).pathname)) await forget();
  const copy = event.request.clone();
  return fetch(event.request).catch(() => notSent(copy));
}

const SECRET = /password|code|token|op_id/;
const escaped = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

// What was typed is shown, for it would be gone with its page.
async function notSent(request) {
  const [page, form] = await Promise.all([caches.match(OFFLINE), request.formData().catch(() => [])]);
  const typed = [...form].filter(([name, value]) => typeof value === "string" && value && !SECRET.test(name));
  const list = typed.map(([, value]) => `<li>${escaped(value)}</li>`).join("");
  const text = (await page.text()).replace(/<p data-open>.*?<\/p>/, "").replace("<div hidden data-typed>", "<div>");
  return new Response(text.replace("<ul></ul>", () => `<ul>${list}</ul>`), { headers: page.headers });
}

async function page(event) {
  const address = event.request.url;
  const asked = ask(event);
  const kept = await seen(address);
  if (!kept) return asked.catch(() => caches.match(OFFLINE));
  const late = new Promise((resolve) => setTimeout(resolve, SLOW, kept));
  return Promise.race([asked.then((answer) => (answer.status > 501 ? kept : answer)).catch(() => kept), late]);
}

async function ask(event) {
  const answer = (await event.preloadResponse) ?? (await fetch(event.request));
  const copy = answer.clone();
  event.waitUntil(keep(event.request.url, copy));
  return answer;
}

// Kept is what a member was shown. Says whether it was kept.
async function keep(address, answer) {
  if (answer.status !== 200 || answer.redirected || !answer.headers.get("Content-Type")?.startsWith("text/html")) return false;
  const text = await answer.text();
  const person = text.match(/<out-box [^>]*data-user="([\w-]+)"/)?.[1];
  if (!person) return false;
  await forget(PAGES + person);
  const cache = await caches.open(PAGES + person);
  await cache.put(plain(address), new Response(text, { headers: headers(answer) }));
  const addresses = await cache.keys();
  await Promise.all(addresses.slice(0, -MOST).map((request) => cache.delete(request)));
  return true;
}

function headers(answer) {
  const names = ["Content-Type", "Content-Security-Policy", "Referrer-Policy"];
  return Object.fromEntries(names.map((name) => [name, answer.headers.get(name)]).filter(([, value]) => value));
}

async function pageCaches() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES));
  return Promise.all(names.map((name) => caches.open(name)));
}

async function forget(but) {
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES) && name !== but);
  await Promise.all(names.map((name) => caches.delete(name)));
}

// Without what was shared: the page is the same.
function plain(address) {
  const url = new URL(address);
  url.searchParams.delete("add");
  url.hash = "";
  return url.href;
}

const LIST = String.raw`\/lists\/[0-9a-f-]{36}\/$`;
const ROOM = String.raw`\/chat\/[0-9a-f-]{36}\/$`;
// Addresses that lead on: which of the pages that were seen does for each.
const LEADS = [
  [/^\/$/, () => "^/h/"],
  [/^\/(list|share)\/$/, () => LIST],
  [/^\/chat\/$/, () => ROOM],
  [/^(\/h\/[^/]+)\/list\/$/, ([, home]) => `^${home}${LIST}`],
  [/^(\/h\/[^/]+)\/chat\/$/, ([, home]) => `^${home}${ROOM}`],
];

async function seen(address) {
  const url = new URL(address);
  for (const cache of await pageCaches()) {
    const kept = await cache.match(plain(address));
    if (kept) return kept;
    for (const [pattern, target] of LEADS) {
      const found = url.pathname.match(pattern);
      const fits = found && new RegExp(target(found));
      const addresses = fits ? (await cache.keys()).map((request) => new URL(request.url)) : [];
      const last = addresses.findLast(({ pathname, search }) => fits.test(pathname) && !search);
      if (last) return Response.redirect(last.pathname + shared(url));
    }
  }
  return null;
}

function shared({ pathname, searchParams }) {
  if (pathname !== "/share/") return searchParams.has("add") ? `?${new URLSearchParams({ add: searchParams.get("add") })}` : "";
  const said = ["title", "text", "url"].map((name) => searchParams.get(name)?.trim()).filter(Boolean);
  const lines = said.filter((line, index) => !said.slice(index + 1).some((other) => other.includes(line)));
  return `?${new URLSearchParams({ add: lines.join("\n") })}`;
}

// A page tells what should be here when the network is not.
self.addEventListener("message", (event) => event.waitUntil(fill(event.data.keep)));

async function fill(addresses) {
  for (const address of addresses) {
    if (await seen(address)) continue;
    const answer = await fetch(address).catch(() => null);
    if (answer) await keep(answer.url, new Response(await answer.text(), answer));
  }
}

self.addEventListener("sync", (event) => {
  if (event.tag === "queue") event.waitUntil(sendAll());
});

async function sendAll() {
  for (const user of new Set((await all()).map((intent) => intent.user))) {
    if ((await send(user, () => {})) === "away") throw new Error("not yet"); // so that the browser tries again
  }
}
