// The app without a network: static files from the cache; pages from the network, or as they were last seen when that
// fails or is slow. The server writes VERSION, FILES and OFFLINE above this.

import "./push-worker.js";
import { all, send } from "./queue.js";

const STATIC = `static:${VERSION}`;
const PAGES = "pages:"; // followed by the id of the user whose pages they are
const MAX_PAGES = 40; // the latest
const SLOW_MS = 3000; // then the cached page is shown

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
      await refreshPages();
    })(),
  );
});

// Cached pages need the static files of their version: those stay until every page has been fetched again.
async function refreshPages() {
  const old = (await caches.keys()).filter((name) => name.startsWith("static:") && name !== STATIC);
  if (!old.length) return;
  for (const cache of await pageCaches()) {
    for (const request of await cache.keys()) {
      const response = await fetch(request.url).catch(() => null);
      if (!response) return;
      if (!(await cachePage(request.url, response))) await cache.delete(request);
    }
  }
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || /^\/(admin|api)\//.test(pathname)) return;
  if (request.mode === "navigate") event.respondWith(request.method === "GET" ? getPage(event) : postForm(event));
  else if (request.method === "GET" && pathname.startsWith("/static/")) event.respondWith(getFile(request));
});

async function getFile(request) {
  const cached = await caches.match(request);
  if (cached) return cached;
  const response = await fetch(request);
  if (FILES.length && response.ok && /immutable/.test(response.headers.get("Cache-Control"))) {
    const copy = response.clone();
    caches.open(STATIC).then((cache) => cache.put(request, copy));
  }
  return response;
}

// Forms that sign in or out; asking for the password again may lead to the end of the account.
const SIGN_IN_OR_OUT = /^\/(accounts\/(login|logout|signup|reauthenticate)|me\/(close|security\/sessions))\//;

// A form that leads to another page. Signing in or out deletes the cached pages.
async function postForm(event) {
  if (SIGN_IN_OR_OUT.test(new URL(event.request.url).pathname)) await deletePages();
  const copy = event.request.clone();
  return fetch(event.request).catch(() => notSentPage(copy));
}

const SECRET_FIELDS = /password|code|token|op_id/;
const escapeHtml = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

// Shows what was typed, which would be lost with its page.
async function notSentPage(request) {
  const [page, form] = await Promise.all([caches.match(OFFLINE), request.formData().catch(() => [])]);
  const typed = [...form].filter(([name, value]) => typeof value === "string" && value && !SECRET_FIELDS.test(name));
  const list = typed.map(([, value]) => `<li>${escapeHtml(value)}</li>`).join("");
  const text = (await page.text()).replace(/<p data-open>.*?<\/p>/s, "").replace("<div hidden data-typed>", "<div>");
  return new Response(
    text.replace("<ul></ul>", () => `<ul>${list}</ul>`),
    { headers: page.headers },
  );
}

async function getPage(event) {
  const url = event.request.url;
  const request = fetchPage(event);
  const cached = await findPage(url);
  if (!cached) return request.catch(() => caches.match(OFFLINE));
  const copy = () => withLatestEntries(url, cached);
  const timeout = new Promise((resolve) => setTimeout(resolve, SLOW_MS)).then(copy);
  return Promise.race([request.then((response) => (response.status > 501 ? copy() : response)).catch(copy), timeout]);
}

const ENTRIES = /<!--entries-->.*<!--\/entries-->/s;
const seqOf = (html) => Number(html.match(/id="live"[^>]*data-seq="(\d+)"/)?.[1] ?? 0);

// A list and its page for shopping have the same items: show those of the one that was rendered last.
async function withLatestEntries(address, page) {
  const [, list, shop] = address.match(/^(.*\/lists\/[0-9a-f-]{36}\/)(shop)?$/) ?? [];
  const twin = list && (await findPage(shop ? list : `${list}shop`));
  if (!twin) return page;
  const [html, other] = await Promise.all([page.clone().text(), twin.text()]);
  const [entries] = (seqOf(other) > seqOf(html) && other.match(ENTRIES)) || [];
  if (!entries) return page;
  return new Response(
    html.replace(ENTRIES, () => entries),
    { headers: page.headers },
  );
}

async function fetchPage(event) {
  const response = (await event.preloadResponse) ?? (await fetch(event.request));
  const copy = response.clone();
  event.waitUntil(cachePage(event.request.url, copy));
  return response;
}

const SIGN_IN = /^\/accounts\/login\//;
const HOME = /^\/h\/[0-9a-f-]{36}\//;

/** Cache a page of a member. Return whether it was one. */
async function cachePage(url, response) {
  const isSignedOut = response.status === 200 && SIGN_IN.test(new URL(response.url || url).pathname);
  if (isSignedOut) await deletePages(); // perhaps on another device
  if (response.status === 404) await deleteGone(url);
  const isPage = response.headers.get("Content-Type")?.startsWith("text/html");
  if (response.status !== 200 || response.redirected || !isPage) return false;
  const text = await response.text();
  const user = text.match(/<out-box [^>]*data-user="([\w-]+)"/)?.[1];
  if (!user) return false;
  await deletePages(PAGES + user);
  const cache = await caches.open(PAGES + user);
  await cache.put(cacheKey(url), new Response(text, { headers: cachedHeaders(response) }));
  const requests = await cache.keys();
  await Promise.all(requests.slice(0, -MAX_PAGES).map((request) => cache.delete(request)));
  return true;
}

// Who was removed from a home finds none of its pages any more. Otherwise, only one page is gone.
async function deleteGone(url) {
  const home = new URL(url).pathname.match(HOME)?.[0];
  if (!home) return;
  const isRemoved = (await fetch(`${home}home/`)).status === 404;
  const isGone = (copy) => (isRemoved ? new URL(copy).pathname.startsWith(home) : copy === cacheKey(url));
  for (const cache of await pageCaches()) {
    const copies = (await cache.keys()).filter((request) => isGone(request.url));
    await Promise.all(copies.map((request) => cache.delete(request)));
  }
}

function cachedHeaders(response) {
  const names = ["Content-Type", "Content-Security-Policy", "Referrer-Policy"];
  return Object.fromEntries(names.map((name) => [name, response.headers.get(name)]).filter(([, value]) => value));
}

async function pageCaches() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES));
  return Promise.all(names.map((name) => caches.open(name)));
}

async function deletePages(except) {
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES) && name !== except);
  await Promise.all(names.map((name) => caches.delete(name)));
}

// Without shared text: the page is the same.
function cacheKey(address) {
  const url = new URL(address);
  url.searchParams.delete("add");
  url.hash = "";
  return url.href;
}

const LIST = String.raw`\/lists\/[0-9a-f-]{36}\/$`;
const ROOM = String.raw`\/chat\/[0-9a-f-]{36}\/$`;
// Addresses that redirect, and the pattern of the cached pages that can stand in for their target.
const REDIRECTS = [
  [/^\/$/, () => "^/h/"],
  [/^\/(list|share)\/$/, () => LIST],
  [/^\/chat\/$/, () => ROOM],
  [/^(\/h\/[^/]+)\/list\/$/, ([, home]) => `^${home}${LIST}`],
  [/^(\/h\/[^/]+)\/chat\/$/, ([, home]) => `^${home}${ROOM}`],
];

async function findPage(address) {
  const url = new URL(address);
  for (const cache of await pageCaches()) {
    const cached = await cache.match(cacheKey(address));
    if (cached) return cached;
    for (const [pattern, target] of REDIRECTS) {
      const match = url.pathname.match(pattern);
      const targetPattern = match && new RegExp(target(match));
      const pages = match ? (await cache.keys()).map((request) => new URL(request.url)) : [];
      const last = pages.findLast(({ pathname, search }) => targetPattern.test(pathname) && !search);
      if (last) return Response.redirect(last.pathname + sharedText(url));
    }
  }
  return null;
}

// The text that another app shared, as the query of the page that receives it.
function sharedText({ pathname, searchParams }) {
  if (pathname !== "/share/") {
    return searchParams.has("add") ? `?${new URLSearchParams({ add: searchParams.get("add") })}` : "";
  }
  const parts = ["title", "text", "url"].map((name) => searchParams.get(name)?.trim()).filter(Boolean);
  const lines = parts.filter((line, index) => !parts.slice(index + 1).some((other) => other.includes(line)));
  return `?${new URLSearchParams({ add: lines.join("\n") })}`;
}

// A page names the pages that should open offline.
self.addEventListener("message", (event) => {
  // A page that was being loaded when the worker was activated is not controlled by it yet.
  event.waitUntil(Promise.all([self.clients.claim(), cachePages(event.data.keep)]));
});

async function cachePages(urls) {
  for (const url of urls) {
    if (await findPage(url)) continue;
    const response = await fetch(url).catch(() => null);
    if (response) await cachePage(response.url, new Response(await response.text(), response));
  }
}

self.addEventListener("sync", (event) => {
  if (event.tag === "queue") event.waitUntil(sendAll());
});

async function sendAll() {
  for (const user of new Set((await all()).map((intent) => intent.user))) {
    const { state } = await send(user, () => {});
    if (state === "away" || state === "throttled") throw new Error("not sent yet"); // so that the browser tries again
  }
}
