// In the shop nobody wants to unlock the phone with a basket in the other hand. Says so while it holds; browsers
// allow it on a page that was served safely and is looked at, and take it back when it is not.

class StayAwake extends HTMLElement {
  connectedCallback() {
    this.look = () => this.hold();
    document.addEventListener("visibilitychange", this.look);
    this.hold();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.look);
    this.lock?.release();
  }

  async hold() {
    if (document.hidden || !navigator.wakeLock || (this.lock && !this.lock.released)) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
      if (!this.isConnected) return this.lock.release();
      this.lock.addEventListener("release", () => (this.hidden = true));
      this.hidden = false;
    } catch {
      this.hidden = true; // a battery that is nearly empty, or a browser that minds
    }
  }
}

customElements.define("stay-awake", StayAwake);
