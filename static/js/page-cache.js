// Keeps the cached copy of the open page up to date, so that it opens offline as it was last seen, not as it was loaded.

const user = document.querySelector("out-box")?.dataset.user;
const IDLE_TIMEOUT_MS = 1000; // a page that is never idle is cached, too
const whenIdle = (callback) =>
  self.requestIdleCallback ? requestIdleCallback(callback, { timeout: IDLE_TIMEOUT_MS }) : setTimeout(callback);
let latestHtml = null; // rendered since the copy was written

async function register() {
  await navigator.serviceWorker.register("/service-worker.js", { type: "module" });
  const { active } = await navigator.serviceWorker.ready;
  const kept = [...document.querySelectorAll("[data-keep]")].map(({ href, dataset }) => href ?? dataset.keep);
  const keep = ["", ...kept].map((address) => new URL(address, location.href).href);
  if (user) active.postMessage({ keep });
}

async function updateCopy() {
  const html = latestHtml;
  latestHtml = null;
  const cache = await caches.open(`pages:${user}`);
  const url = new URL(location.href);
  url.searchParams.delete("add");
  url.hash = "";
  const cached = await cache.match(url.href);
  if (!cached) return;
  const page = new DOMParser().parseFromString(await cached.text(), "text/html");
  const main = page.getElementById("main");
  main.innerHTML = html;
  for (const other of main.querySelectorAll("[hx-swap-oob]")) other.remove();
  const copy = `<!doctype html>${page.documentElement.outerHTML}`;
  await cache.put(url.href, new Response(copy, { headers: cached.headers }));
}

if ("serviceWorker" in navigator) {
  register().catch(() => {}); // a private window, an old browser: everything else works
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (!user || ctx.target?.id !== "main" || ctx.response.status !== 200) return;
    if (latestHtml === null) whenIdle(() => updateCopy().catch(() => {}));
    latestHtml = ctx.text;
  });
}

// Text that another app shared is put into the field; the member decides whether to add it.
const shared = new URLSearchParams(location.search).get("add");
const field = document.getElementById("add-text");
if (shared && field) {
  field.value = shared;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  history.replaceState(history.state, "", location.pathname);
}
