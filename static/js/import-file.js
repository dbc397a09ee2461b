// The form that imports an exported home. The file is the body of a request to the API; then the page shows its progress.

import { operationId } from "./operation.js";
import { csrfToken } from "./queue.js";

const ADDRESS = "/api/homes/import";
const ATTEMPTS = 5;
const BUSY = [429, 502, 503, 504];
const WAIT_SECONDS = { default: 5, max: 60 };

class ImportFile extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.form.hidden = false;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.import(this.form.elements.file.files[0]);
    });
  }

  async import(file) {
    if (file.size > Number(this.dataset.maxBytes)) return this.show("large");
    this.form.querySelector("button").disabled = true;
    try {
      await this.send(file);
    } catch (error) {
      console.warn("import", error);
      this.show("failed");
    }
    this.form.querySelector("button").disabled = false;
  }

  async send(file) {
    const key = operationId(); // so that the server takes the file once, however often it is sent
    for (let attempt = 1; ; attempt++) {
      this.show("sending");
      const headers = { "Content-Type": "application/json", "Idempotency-Key": key, "X-CSRFToken": await csrfToken() };
      const response = await fetch(ADDRESS, { method: "POST", body: file, headers });
      if (response.ok || response.status === 409) return location.assign(this.dataset.url); // 409: one runs already
      const { error } = await response.json().catch(() => ({}));
      if (!BUSY.includes(response.status) || attempt === ATTEMPTS) {
        if (response.status === 400) this.show("invalid");
        else if (error) this.show("refused", error.message);
        else this.show("failed");
        return;
      }
      this.show("busy");
      const seconds = Number(response.headers.get("Retry-After")) || WAIT_SECONDS.default;
      await new Promise((resolve) => setTimeout(resolve, 1000 * Math.min(seconds, WAIT_SECONDS.max)));
    }
  }

  show(state, text) {
    for (const part of this.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
    if (text) this.querySelector(`[data-when="${state}"] span`).textContent = text;
  }
}

customElements.define("import-file", ImportFile);
