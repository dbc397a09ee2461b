// Push notifications on this device. Nothing is requested before the button is pressed; the part of the page that
// explains the browser's answer is shown.

const WORKER = "/service-worker.js";
const UNSUBSCRIBE_TIMEOUT_MS = 1500;

class PushDevice extends HTMLElement {
  async connectedCallback() {
    this.form = this.querySelector("form");
    this.form.addEventListener("submit", (event) => this.turnOn(event));
    this.querySelector("[data-again]").addEventListener("click", () => this.form.requestSubmit());
    this.show(await this.readState());
  }

  async readState() {
    if (!window.isSecureContext) return "insecure";
    if (!("PushManager" in window && "Notification" in window)) {
      return /iPhone|iPad/.test(navigator.userAgent) ? "apple" : "unable";
    }
    if (Notification.permission === "denied") return "denied";
    const subscription = await currentSubscription();
    const row = subscription && document.querySelector(`[data-device="${await endpointHash(subscription)}"]`);
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

  // A subscription for another key of the server is of no use to it.
  async subscribe() {
    const applicationServerKey = toBytes(this.dataset.key);
    await navigator.serviceWorker.register(WORKER, { type: "module" });
    const { pushManager } = await navigator.serviceWorker.ready;
    const existing = await pushManager.getSubscription();
    if (existing && toBase64(existing.options.applicationServerKey) !== this.dataset.key) await existing.unsubscribe();
    return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  }
}

async function currentSubscription() {
  const worker = await navigator.serviceWorker.getRegistration("/");
  return worker?.pushManager.getSubscription() ?? null;
}

/** The SHA-256 of the endpoint in hex, as the server writes it into `data-device`. */
async function endpointHash({ endpoint }) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function toBytes(base64url) {
  return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function toBase64(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

customElements.define("push-device", PushDevice);

// Signing out removes the device's subscription: the next person to use it must not read this member's notifications.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!new URL(form.action).pathname.endsWith("/accounts/logout/") || !("serviceWorker" in navigator)) return;
  event.preventDefault();
  const timeout = new Promise((resolve) => setTimeout(resolve, UNSUBSCRIBE_TIMEOUT_MS));
  await Promise.race([timeout, currentSubscription().then((subscription) => subscription?.unsubscribe())]).catch(
    () => {},
  );
  form.submit();
});
