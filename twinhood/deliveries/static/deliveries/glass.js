// A signature on the glass. What a finger draws becomes text ("M10 20L11 24…") in a hidden field,
// so a kept form keeps it too. Without this file the name is typed instead.
const WIDTH = 600, HEIGHT = 200;

const begin = (pane) => {
  const field = pane.querySelector("[data-glass]");
  const glass = document.createElement("canvas");
  const state = document.createElement("span");
  const again = document.createElement("button");
  glass.width = WIDTH;
  glass.height = HEIGHT;
  glass.setAttribute("role", "img");
  again.type = "button";
  again.className = "btn quiet";
  again.textContent = pane.dataset.again;
  state.className = "small muted";
  state.setAttribute("role", "status");
  const row = document.createElement("div");
  row.className = "row apart";
  row.append(state, again);
  pane.append(glass, row);
  const pen = glass.getContext("2d");
  let strokes = [], drawing = false;

  const text = () => strokes.filter((points) => points.length > 1)
    .map((points) => "M" + points.map(([x, y]) => `${x} ${y}`).join("L")).join("");

  const show = () => {
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    pen.lineWidth = 4;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#0d2429";
    for (const points of strokes) {
      pen.beginPath();
      for (const [x, y] of points) pen.lineTo(x, y);
      pen.stroke();
    }
    const words = field.value ? pane.dataset.signed : pane.dataset.empty;
    state.textContent = words;
    glass.setAttribute("aria-label", `${pane.dataset.label}. ${words}`);
  };

  // What is in the field already: after an error, or from what the device kept.
  const read = () => {
    strokes = field.value.split("M").slice(1)
      .map((stroke) => stroke.split("L").map((point) => point.split(" ").map(Number)));
    show();
  };

  const at = (event) => {
    const box = glass.getBoundingClientRect();
    const place = (offset, size, most) =>
      Math.max(0, Math.min(most, Math.round(offset / size * most)));
    return [place(event.clientX - box.left, box.width, WIDTH),
      place(event.clientY - box.top, box.height, HEIGHT)];
  };

  const keep = () => {
    field.value = text();
    show();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  glass.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    glass.setPointerCapture(event.pointerId);
    drawing = true;
    strokes.push([at(event)]);
  });
  glass.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    const points = strokes.at(-1), point = at(event), [x, y] = points.at(-1);
    // A point each three units is enough for a pen, and keeps the text short.
    if (Math.hypot(point[0] - x, point[1] - y) < 3) return;
    points.push(point);
    show();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    glass.addEventListener(name, () => {
      if (drawing) keep();
      drawing = false;
    });
  }
  again.addEventListener("click", () => {
    strokes = [];
    keep();
  });
  pane.closest("form").addEventListener("restored", read);
  read();
};

// The number on a plate, read from a photo of its code, where the browser can.
const offerScan = (field) => {
  const button = document.createElement("button"), photo = document.createElement("input");
  photo.type = "file";
  photo.accept = "image/*";
  photo.capture = "environment";
  photo.hidden = true;
  button.type = "button";
  button.className = "btn quiet";
  button.textContent = document.querySelector("[data-scan-words]").dataset.scanWords;
  button.addEventListener("click", () => photo.click());
  photo.addEventListener("change", async () => {
    const image = await createImageBitmap(photo.files[0]);
    const [found] = await new BarcodeDetector().detect(image);
    if (!found) return field.focus();
    field.value = found.rawValue;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.after(button, photo);
};

const page = () => {
  document.querySelectorAll("[data-pane]").forEach(begin);
  if ("BarcodeDetector" in window) document.querySelectorAll("[data-scan]").forEach(offerScan);
};
// Once now, and for a page that came back with something to mend.
document.addEventListener("kept-page", page);
page();
