// Keeps the screen on in shopping mode and is visible while it does. Browsers allow it on a secure page that is
// visible, and release the lock when the page is hidden.

class StayAwake extends HTMLElement {
  connectedCallback() {
    this.onVisibilityChange = () => this.acquire();
    document.addEventListener("visibilitychange", this.onVisibilityChange);
    this.acquire();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.onVisibilityChange);
    this.lock?.release();
  }

  async acquire() {
    if (document.hidden || !navigator.wakeLock || (this.lock && !this.lock.released)) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
      if (!this.isConnected) {
        this.lock.release();
        return;
      }
      this.lock.addEventListener("release", () => {
        this.hidden = true;
      });
      this.hidden = false;
    } catch {
      this.hidden = true; // a low battery, or a browser that refuses
    }
  }
}

customElements.define("stay-awake", StayAwake);
