// The page as it is kept for a time without a network is the one that was seen last, not the one that was loaded.

const user = document.querySelector("out-box")?.dataset.user;
const SOON = 1000; // milliseconds; a page that is never idle is kept, too
const whenIdle = (act) => (self.requestIdleCallback ? requestIdleCallback(act, { timeout: SOON }) : setTimeout(act));
let latest = null; // what was drawn since the page was kept

async function register() {
  await navigator.serviceWorker.register("/service-worker.js", { type: "module" });
  const { active } = await navigator.serviceWorker.ready;
  const links = [...document.querySelectorAll("a[data-keep]")].map((link) => link.href);
  if (user) active.postMessage({ keep: [location.href, ...links] });
}

async function renew() {
  const text = latest;
  latest = null;
  const cache = await caches.open(`pages:${user}`);
  const address = new URL(location.href);
  address.searchParams.delete("add");
  address.hash = "";
  const kept = await cache.match(address.href);
  if (!kept) return;
  const page = new DOMParser().parseFromString(await kept.text(), "text/html");
  const main = page.getElementById("main");
  main.innerHTML = text;
  for (const other of main.querySelectorAll("[hx-swap-oob]")) other.remove();
  const written = `<!doctype html>${page.documentElement.outerHTML}`;
  await cache.put(address.href, new Response(written, { headers: kept.headers }));
}

if ("serviceWorker" in navigator) {
  register().catch(() => {}); // a private window, an old browser: everything works but this
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (!user || ctx.target?.id !== "main" || ctx.response.status !== 200) return;
    if (latest === null) whenIdle(() => renew().catch(() => {}));
    latest = ctx.text;
  });
}

// What another app shared stands in the field, for a yes.
const shared = new URLSearchParams(location.search).get("add");
const field = document.getElementById("add-text");
if (shared && field) {
  field.value = shared;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  history.replaceState(history.state, "", location.pathname);
}
