// The verdicts: their words, shapes and counts.

import { el, icon } from "./dom.js";

export const VERDICTS = ["masked", "incorrect", "unmasked", "unknown"];
export const WORDS = { masked: "Masked", incorrect: "Incorrect", unmasked: "Unmasked", unknown: "Unknown" };

export const percent = (share) => `${Math.round(share * 100)} %`;

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

export function verdictMark(verdict, ...rest) {
  return el("span", { class: "verdict" }, icon(verdict), WORDS[verdict], ...rest);
}

export function countsOf(verdicts) {
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0]));
  verdicts.forEach((verdict) => { counts[verdict] += 1; });
  return counts;
}

// As elements: a shape, the number and the word, for each verdict that there is.
export function tally(counts) {
  return VERDICTS.filter((verdict) => counts[verdict] > 0).map((verdict) => el(
    "span", { class: "verdict" }, icon(verdict), el("b", {}, String(counts[verdict])), WORDS[verdict].toLowerCase(),
  ));
}
