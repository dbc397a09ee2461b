// Reads a barcode with the camera, where the browser can, and sends the form with it. Elsewhere the digits are typed.

const FORMATS = ["ean_13", "ean_8", "upc_a", "code_128"];
const PAUSE_MS = 200; // between two looks at the picture
const GONE_LOOKS = 5; // without a code, after which the same one is another package
const STARTED = "scan-code"; // in the session, so that the camera goes on for the next package
const LAST_CODE = "scan-code-last"; // in the session: the package that may still be in the picture

class ScanCode extends HTMLElement {
  connectedCallback() {
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
    this.hidden = false;
    this.video = this.querySelector("video");
    this.button = this.querySelector("button");
    this.button.addEventListener("click", () => this.start());
    this.onVisibilityChange = () => document.hidden && this.stop();
    document.addEventListener("visibilitychange", this.onVisibilityChange);
    if (sessionStorage.getItem(STARTED)) this.start();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.onVisibilityChange);
    this.stop();
  }

  async start() {
    const refused = this.querySelector("[data-refused]");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      this.video.srcObject = this.stream;
      this.video.hidden = false;
      this.button.hidden = true;
      refused.hidden = true;
      await this.video.play();
      sessionStorage.setItem(STARTED, "1");
      await this.look(new BarcodeDetector({ formats: FORMATS }));
    } catch {
      this.stop();
      sessionStorage.removeItem(STARTED);
      refused.hidden = false;
    }
  }

  async look(detector) {
    let last = sessionStorage.getItem(LAST_CODE);
    for (let misses = 0; this.stream; ) {
      const [found] = await detector.detect(this.video);
      misses = found ? 0 : misses + 1;
      if (misses >= GONE_LOOKS) last = null;
      if (found && found.rawValue !== last && this.stream) return this.send(found.rawValue);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  send(code) {
    const form = this.closest("form");
    form.elements.code.value = code;
    sessionStorage.setItem(LAST_CODE, code);
    this.stop();
    form.requestSubmit();
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    if (!this.video) return;
    this.video.hidden = true;
    this.button.hidden = false;
  }
}

customElements.define("scan-code", ScanCode);
