// What happened lately with one camera: changes of verdicts, who left, the states.

import { here } from "./api.js";
import { byId, el } from "./dom.js";
import { clock, stateMark } from "./states.js";
import { WORDS, percent, verdictMark } from "./verdicts.js";

const MAX_SHOWN = 12;

const nothing = (text) => el("p", { class: "soft small" }, text);

const time = (utc) => el("time", { datetime: utc, class: "small soft" }, clock(utc));

function thumbnail(change) {
  return change.thumbnail
    ? el("img", { src: here(change.thumbnail), alt: "", width: 56, height: 56, loading: "lazy" })
    : el("span", { class: "no-thumbnail", "aria-hidden": "true" });
}

function changeItem(change) {
  const words = change.before === "unknown" ? "first verdict" : `was ${WORDS[change.before].toLowerCase()}`;
  return el(
    "li", {}, thumbnail(change),
    el("div", {}, verdictMark(change.verdict, el("span", { class: "soft" }, percent(change.confidence))),
      el("p", { class: "small soft" }, `Person ${change.person_id}, ${words}`)),
    time(change.utc),
  );
}

export function showChanges(changes) {
  byId("changes").replaceChildren(
    ...(changes.length ? changes.slice(0, MAX_SHOWN).map(changeItem) : [el("li", {}, nothing("No verdict has changed yet."))]),
  );
}

export function showStates(states) {
  byId("states").replaceChildren(...states.slice(0, MAX_SHOWN).map((past) => el(
    "li", {}, stateMark(past.state), el("p", { class: "small soft" }, past.detail), time(past.since_utc),
  )));
}

function personRow(person) {
  const seconds = (Date.parse(person.last_seen_utc) - Date.parse(person.first_seen_utc)) / 1000;
  return el(
    "tr", {},
    el("th", { scope: "row" }, String(person.person_id)),
    el("td", {}, verdictMark(person.verdict, el("span", { class: "soft" }, percent(person.confidence)))),
    el("td", { class: "number" }, `${seconds.toFixed(1)} s`),
    el("td", { class: "number" }, time(person.last_seen_utc)),
  );
}

export function showPeople(people) {
  const head = ["Person", "Verdict", "In view", "Left"].map(
    (name, index) => el("th", { scope: "col", class: index > 1 ? "number" : null }, name),
  );
  byId("departed").replaceChildren(people.length
    ? el("table", {}, el("caption", { class: "unseen" }, "Who left lately"), el("thead", {}, el("tr", {}, head)),
      el("tbody", {}, people.map(personRow)))
    : nothing("Nobody has left the picture yet."));
}
