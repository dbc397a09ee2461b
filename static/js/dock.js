// The height of the field at the bottom of the page, which grows with its text: the page ends, and scrolls, above it.

const observer = new ResizeObserver(([{ target }]) => {
  document.documentElement.style.setProperty("--dock-block", `${target.offsetHeight}px`);
});

function observe() {
  observer.disconnect();
  const dock = document.querySelector(".app__dock");
  if (dock) observer.observe(dock);
}

observe();
document.addEventListener("htmx:after:swap", observe);
