// The faces of a picture as a table.

import { el, icon } from "./dom.js";
import { VERDICTS, WORDS, percent, verdictMark } from "./verdicts.js";

const CLASSES = VERDICTS.filter((verdict) => verdict !== "unknown");

function probability(verdict, share) {
  const bar = el("span", { class: `bar ${verdict}`, "aria-hidden": "true" });
  bar.style.setProperty("--share", String(share));
  return el("td", { class: "number" }, percent(share), bar);
}

function rows(face, index, box) {
  const light = (isLit) => () => box.classList.toggle("lit", isLit);
  const heard = { pointerenter: light(true), pointerleave: light(false) };
  const row = el(
    "tr", { class: face.why ? "explained" : null, ...heard },
    el("th", { scope: "row" }, String(index + 1)),
    el("td", {}, verdictMark(face.verdict, el("span", { class: "soft" }, percent(face.confidence)))),
    CLASSES.map((name) => probability(name, face.probabilities[name] ?? 0)),
    el("td", { class: "number wide" }, `${Math.round(face.size_px)} px`),
  );
  return face.why ? [row, el("tr", {}, el("td"), el("td", { class: "why", colspan: 5 }, `Unknown: ${face.why}`))] : [row];
}

const heading = (name) => el(
  "th", { scope: "col", class: "number", title: `Probability of ${WORDS[name].toLowerCase()}` },
  el("span", { class: "wide" }, WORDS[name]), el("span", { class: "slim" }, icon(name), el("span", { class: "unseen" }, WORDS[name])),
);

// `boxes` are lit while the pointer is on their row.
export function facesTable(faces, boxes, name) {
  return el(
    "table", { class: "faces" },
    el("caption", { class: "unseen" }, `Faces of ${name}`),
    el("thead", {}, el(
      "tr", {},
      el("th", { scope: "col" }, el("span", { class: "unseen" }, "Face"), el("span", { "aria-hidden": "true" }, "#")),
      el("th", { scope: "col" }, "Verdict"), CLASSES.map(heading), el("th", { scope: "col", class: "number wide" }, "Size"),
    )),
    el("tbody", {}, faces.flatMap((face, index) => rows(face, index, boxes[index]))),
  );
}
