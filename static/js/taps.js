// A double tap is one tap. When the second one comes, rows have moved, buttons mean something else, or the next page is
// there: it counts only if it presses the same button of the same page again.

const DOUBLE_TAP_MS = 600;
const SAME_PLACE_PX = 20;

document.addEventListener(
  "click",
  (event) => {
    const isKeyboard = !event.detail;
    if (isKeyboard || event.target.closest?.("label, input, select, textarea")) return;
    const control = event.target.closest?.("a, button, summary");
    const pressed = `${performance.timeOrigin} ${control?.cloneNode(false).outerHTML}`;
    const tap = { at: Date.now(), x: event.clientX, y: event.clientY, pressed };
    const last = JSON.parse(sessionStorage.getItem("tap"));
    const isSecond =
      last && tap.at - last.at < DOUBLE_TAP_MS && Math.hypot(tap.x - last.x, tap.y - last.y) < SAME_PLACE_PX;
    if (isSecond && tap.pressed !== last.pressed) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else sessionStorage.setItem("tap", JSON.stringify(tap));
  },
  true,
);

document.addEventListener("input", () => sessionStorage.removeItem("tap"));
