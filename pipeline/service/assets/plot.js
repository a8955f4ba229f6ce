// The last hour as bars, a minute each.

import { svg } from "./dom.js";
import { clock } from "./states.js";
import { VERDICTS, WORDS } from "./verdicts.js";

const STEP = 10;
const BAR = 8;
const HEIGHT = 100;
const LEAST_FULL = 4;

const total = (minute) => VERDICTS.reduce((sum, verdict) => sum + minute[verdict], 0);

const counted = (minute) => VERDICTS.filter((verdict) => minute[verdict] > 0)
  .map((verdict) => `${minute[verdict]} ${WORDS[verdict].toLowerCase()}`).join(", ") || "nobody";

export function sumOf(minutes) {
  return Object.fromEntries(VERDICTS.map((verdict) => [verdict, minutes.reduce((sum, minute) => sum + minute[verdict], 0)]));
}

export const shareMasked = (counts) => {
  const judged = counts.masked + counts.incorrect + counts.unmasked;
  return judged ? counts.masked / judged : null;
};

export const fullScale = (minutes) => Math.max(LEAST_FULL, ...minutes.map(total));

function bar(minute, index, full) {
  let y = HEIGHT;
  const parts = VERDICTS.filter((verdict) => minute[verdict] > 0).map((verdict) => {
    const height = (HEIGHT * minute[verdict]) / full;
    y -= height;
    return svg("rect", { class: verdict, x: index * STEP + 1, y, width: BAR, height });
  });
  const ground = svg("rect", { x: index * STEP, y: 0, width: STEP, height: HEIGHT, fill: "transparent" });
  return svg("g", {}, svg("title", {}, `${clock(minute.start_utc)}: ${counted(minute)}`), ground, parts);
}

export function hourPlot(minutes) {
  const full = fullScale(minutes);
  const width = minutes.length * STEP;
  return svg(
    "svg",
    { class: "plot", viewBox: `0 0 ${width} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
      "aria-label": `The last hour: ${counted(sumOf(minutes))} left` },
    svg("line", { class: "axis", x1: 0, x2: width, y1: HEIGHT, y2: HEIGHT }),
    minutes.map((minute, index) => bar(minute, index, full)),
  );
}
