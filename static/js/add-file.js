// The form that adds a picture or a file: it is sent as soon as it is taken, chosen, pasted or dropped.

class AddFile extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.form.elements.file;
    this.input.hidden = true;
    this.querySelector("[data-send]").hidden = true;
    this.querySelector("[data-ways]").hidden = false;
    this.querySelector("[data-camera]").addEventListener("click", () => this.choose("environment"));
    this.querySelector("[data-choose]").addEventListener("click", () => this.choose());
    this.input.addEventListener("change", () => this.send());
    this.listeners = { paste: this.onPaste, dragover: this.onDrag, drop: this.onDrag };
    for (const [type, listener] of Object.entries(this.listeners)) document.addEventListener(type, listener);
    window.addEventListener("pageshow", this.reset);
  }

  disconnectedCallback() {
    for (const [type, listener] of Object.entries(this.listeners)) document.removeEventListener(type, listener);
    window.removeEventListener("pageshow", this.reset);
  }

  choose(capture) {
    this.input.toggleAttribute("capture", Boolean(capture));
    if (capture) this.input.setAttribute("capture", capture);
    this.input.click();
  }

  onPaste = (event) => this.take(event.clipboardData, event);

  onDrag = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // the browser would leave the page to show the file
    if (event.type === "drop") this.take(event.dataTransfer, event);
  };

  take({ files }, event) {
    if (!files.length || this.isSending) return;
    event.preventDefault();
    const one = new DataTransfer(); // the server takes one at a time
    one.items.add(files[0]);
    this.input.files = one.files;
    this.send();
  }

  send() {
    const [file] = this.input.files;
    if (!file || this.isSending) return;
    if (file.size > Number(this.dataset.maxBytes)) return this.show("large");
    this.form.addEventListener("submit", (event) => queueMicrotask(() => event.defaultPrevented && this.reset()), {
      once: true,
    });
    this.isSending = true;
    this.show("sending");
    this.form.requestSubmit();
  }

  // The page was left with a file being sent and is shown again, or could not send it without a network.
  reset = () => {
    this.isSending = false;
    this.form.reset();
    this.show();
  };

  show(state) {
    for (const part of this.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
    for (const button of this.querySelectorAll("[data-ways] button")) button.disabled = state === "sending";
  }
}

customElements.define("add-file", AddFile);
