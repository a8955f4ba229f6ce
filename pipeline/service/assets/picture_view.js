// A picture with a box for each face, drawn over the visitor's own copy of it.

import { el, icon } from "./dom.js";
import { WORDS, percent } from "./verdicts.js";

// Larger than any column that shows it, twice over for fine screens.
const MAX_SIDE_PX = 1600;

// Boxes at the upper edge have their label below, those at the right one have it end where they do.
const UPPER_SHARE = 0.15;
const RIGHT_SHARE = 0.7;

// A browser that can't show the file, or shows it in another form than was judged, returns null.
export async function localCopy(file, size) {
  try {
    const scale = Math.min(1, MAX_SIDE_PX / Math.max(size.width, size.height));
    const full = await createImageBitmap(file);
    const isTheSame = Math.abs(full.width / full.height - size.width / size.height) < 0.02;
    const canvas = el("canvas", { width: Math.round(size.width * scale), height: Math.round(size.height * scale) });
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(full, 0, 0, canvas.width, canvas.height);
    full.close();
    return isTheSame ? canvas : null;
  } catch {
    return null;
  }
}

function faceBox(face, index, size) {
  const [x1, y1, x2, y2] = face.box;
  const label = el(
    "span", { class: "tag" },
    icon(face.verdict), el("b", {}, String(index + 1)),
    el("span", { class: "words" }, `${WORDS[face.verdict]} ${percent(face.confidence)}`),
  );
  const box = el("div", { class: `box ${face.verdict}` }, label);
  box.classList.toggle("below", y1 < UPPER_SHARE * size.height);
  box.classList.toggle("leftward", x1 > RIGHT_SHARE * size.width);
  box.style.left = `${(100 * x1) / size.width}%`;
  box.style.top = `${(100 * y1) / size.height}%`;
  box.style.width = `${(100 * (x2 - x1)) / size.width}%`;
  box.style.height = `${(100 * (y2 - y1)) / size.height}%`;
  return box;
}

// `picture` is an element that shows it; `faces` are as the service sends them. The boxes are said by the table.
export function pictureView(picture, size, faces, description) {
  const boxes = faces.map((face, index) => faceBox(face, index, size));
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", description);
  const layer = el("div", { class: "boxes", "aria-hidden": "true" }, boxes);
  layer.classList.toggle("several", faces.length > 2); // on a phone there is room for numbers alone
  layer.classList.toggle("crowded", faces.length > 5);
  const view = el("div", { class: "view" }, picture, layer);
  view.style.setProperty("--ratio", String(size.width / size.height));
  return { view, boxes };
}
