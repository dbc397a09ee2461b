// Notices on this device. Nothing is asked before somebody presses the button; whatever the browser says, the part of
// the page that explains it is shown.

const WORKER = "/service-worker.js";

class PushDevice extends HTMLElement {
  async connectedCallback() {
    this.form = this.querySelector("form");
    this.form.addEventListener("submit", (event) => this.turnOn(event));
    this.querySelector("[data-again]").addEventListener("click", () => this.form.requestSubmit());
    this.show(await this.state());
  }

  async state() {
    if (!window.isSecureContext) return "insecure";
    if (!("PushManager" in window && "Notification" in window)) return /iPhone|iPad/.test(navigator.userAgent) ? "apple" : "unable";
    if (Notification.permission === "denied") return "denied";
    const subscription = await current();
    const row = subscription && document.querySelector(`[data-device="${await mark(subscription)}"]`);
    if (!row || Notification.permission !== "granted") return "off";
    row.querySelector("[data-self]").hidden = false;
    return "on";
  }

  show(state) {
    for (const part of this.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
  }

  async turnOn(event) {
    event.preventDefault();
    this.show("asking");
    const permission = await Notification.requestPermission();
    if (permission !== "granted") return this.show(permission === "denied" ? "denied" : "off");
    try {
      const { endpoint, keys } = (await this.subscribe()).toJSON();
      for (const [name, value] of Object.entries({ endpoint, ...keys })) this.form.elements[name].value = value;
      this.form.submit();
    } catch (error) {
      console.warn("push", error);
      this.show("failed");
    }
  }

  // A subscription that was made for another key of the server is of no use to it.
  async subscribe() {
    const applicationServerKey = bytes(this.dataset.key);
    await navigator.serviceWorker.register(WORKER, { type: "module" });
    const { pushManager } = await navigator.serviceWorker.ready;
    const before = await pushManager.getSubscription();
    if (before && base64(before.options.applicationServerKey) !== this.dataset.key) await before.unsubscribe();
    return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  }
}

async function current() {
  const worker = await navigator.serviceWorker.getRegistration("/");
  return worker?.pushManager.getSubscription() ?? null;
}

// As the server marks it: the SHA-256 of its endpoint.
async function mark({ endpoint }) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function base64(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

customElements.define("push-device", PushDevice);

// Who signs out takes the device along: the next one at it must not read what is meant for them.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!new URL(form.action).pathname.endsWith("/accounts/logout/") || !("serviceWorker" in navigator)) return;
  event.preventDefault();
  const late = new Promise((resolve) => setTimeout(resolve, 1500));
  await Promise.race([late, current().then((subscription) => subscription?.unsubscribe())]).catch(() => {});
  form.submit();
});
