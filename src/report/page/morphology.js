// The drawing of the cell comes finished; here it is zoomed and moved.

function makeMorphology() {
  const picture = byId("cell").querySelector("svg");
  if (!picture) {
    byId("morphology").remove();
    document.querySelector(".columns").classList.add("single");
    return;
  }
  const whole = picture.getAttribute("viewBox").split(" ").map(Number);
  let view = [...whole];
  const apply = () => picture.setAttribute("viewBox", view.join(" "));
  picture.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = picture.getBoundingClientRect();
    const x = view[0] + view[2] * (event.clientX - box.left) / box.width, y = view[1] + view[3] * (event.clientY - box.top) / box.height;
    const factor = Math.min(Math.exp(event.deltaY / 400), whole[2] / view[2]);
    view = [x - (x - view[0]) * factor, y - (y - view[1]) * factor, view[2] * factor, view[3] * factor];
    apply();
  }, { passive: false });
  picture.addEventListener("pointermove", (event) => {
    if (!(event.buttons & 1)) return;
    const scale = view[2] / picture.getBoundingClientRect().width;
    view[0] -= event.movementX * scale;
    view[1] -= event.movementY * scale;
    apply();
  });
  picture.addEventListener("dblclick", () => {
    view = [...whole];
    apply();
  });
}
