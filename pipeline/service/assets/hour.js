// The last hour of one camera: who left by minute, and the states under it.

import { byId, el, svg } from "./dom.js";
import { fullScale, hourPlot, shareMasked, sumOf } from "./plot.js";
import { clock, stateKind, stateWord } from "./states.js";
import { VERDICTS, WORDS, percent, tally } from "./verdicts.js";

const HOUR_MS = 60 * 60 * 1000;
const TICKS = 5;

// The states are the newest first; each lasts until the one before it in the list.
function spans(states, startMs, endMs) {
  return states.map((past, index) => {
    const untilMs = index === 0 ? endMs : Date.parse(states[index - 1].since_utc);
    return { past, fromMs: Math.max(Date.parse(past.since_utc), startMs), untilMs: Math.min(untilMs, endMs) };
  }).filter(({ fromMs, untilMs }) => untilMs > fromMs);
}

function strip(states, startMs, endMs) {
  const length = endMs - startMs;
  const parts = spans(states, startMs, endMs).map(({ past, fromMs, untilMs }) => svg(
    "rect",
    { class: stateKind(past.state), x: (1000 * (fromMs - startMs)) / length, y: 0,
      width: Math.max(2, (1000 * (untilMs - fromMs)) / length), height: 10 },
    svg("title", {}, `${stateWord(past.state)} from ${clock(past.since_utc)}`),
  ));
  const attributes = { class: "strip", viewBox: "0 0 1000 10", preserveAspectRatio: "none", role: "img", "aria-label": "States in the last hour" };
  return svg("svg", attributes, parts);
}

function ticks(startMs, endMs) {
  const times = Array.from({ length: TICKS }, (_, index) => startMs + ((endMs - startMs) * index) / (TICKS - 1));
  return el("div", { class: "ticks small soft", "aria-hidden": "true" }, times.map((ms) => el("span", {}, clock(ms))));
}

function minutesTable(minutes) {
  const busy = minutes.filter((minute) => VERDICTS.some((verdict) => minute[verdict] > 0));
  if (busy.length === 0) {
    return el("p", { class: "soft" }, "Nobody left in the last hour.");
  }
  return el(
    "table", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Minute"),
      VERDICTS.map((verdict) => el("th", { scope: "col", class: "number" }, WORDS[verdict])))),
    el("tbody", {}, busy.map((minute) => el("tr", {}, el("th", { scope: "row" }, clock(minute.start_utc)),
      VERDICTS.map((verdict) => el("td", { class: "number" }, String(minute[verdict])))))),
  );
}

export function drawHour({ minutes, states }) {
  const startMs = Date.parse(minutes[0].start_utc);
  const endMs = Math.max(startMs + HOUR_MS, Date.now());
  const counts = sumOf(minutes);
  const share = shareMasked(counts);
  const words = share === null ? "Nobody was judged in the last hour" : `${percent(share)} masked`;
  byId("timeline").replaceChildren(
    el("p", { class: "tally" }, el("strong", {}, words), tally(counts)),
    el("div", { class: "bars" }, el("span", { class: "small soft scale", "aria-hidden": "true" }, String(fullScale(minutes))), hourPlot(minutes)),
    strip(states, startMs, endMs), ticks(startMs, endMs),
  );
  byId("minutes").replaceChildren(minutesTable(minutes));
}
