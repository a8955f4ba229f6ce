// One picture: sent, judged, shown.

import { send } from "./api.js";
import { el } from "./dom.js";
import { facesTable } from "./faces_table.js";
import { localCopy, pictureView } from "./picture_view.js";
import { countsOf, plural, tally } from "./verdicts.js";

async function judged(file, options, preview) {
  const query = new URLSearchParams({ name: file.name, ...(preview ? { preview: "true" } : {}) });
  const answer = await send(`/api/v1/predict?${query}`, file, options);
  return { picture: answer.pictures[0], model: answer.model };
}

async function shown(file, options, picture) {
  const copy = await localCopy(file, picture);
  if (copy) {
    return copy;
  }
  const { picture: again } = await judged(file, options, true);
  return again.preview ? el("img", { src: again.preview, alt: "" }) : el("div", { class: "no-picture" });
}

export async function showPicture(file, card, options) {
  const { picture, model } = await judged(file, options, false);
  const counts = countsOf(picture.faces.map((face) => face.verdict));
  const found = plural(picture.faces.length, "face");
  const element = await shown(file, options, picture);
  const { view, boxes } = pictureView(element, picture, picture.faces, `${picture.name}: ${found}`);
  const table = picture.faces.length
    ? facesTable(picture.faces, boxes, picture.name)
    : el("p", { class: "soft" }, "No face was found. Faces seen from the front and larger than 24 px are found best.");
  card.show(view, `${picture.width} × ${picture.height} px, ${found}`, tally(counts), table);
  return { picture, model, verdicts: picture.faces.map((face) => face.verdict) };
}
