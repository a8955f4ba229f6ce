// One clip: sent, judged piece by piece, shown.

import { change, get, send } from "./api.js";
import { el } from "./dom.js";
import { countsOf, percent, plural, tally, verdictMark } from "./verdicts.js";

const POLL_MS = 500;

const time = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;

function personRow(person) {
  return el(
    "tr", {},
    el("th", { scope: "row" }, String(person.person_id)),
    el("td", {}, verdictMark(person.verdict, el("span", { class: "soft" }, percent(person.confidence)))),
    el("td", { class: "number" }, time(person.first_s)),
    el("td", { class: "number" }, time(person.last_s)),
    el("td", { class: "number wide" }, String(person.votes)),
    el("td", { class: "number wide" }, `${Math.round(person.best_face_px)} px`),
  );
}

function personsTable(clip) {
  const heading = (text, isWide = false) => el("th", { scope: "col", class: `number${isWide ? " wide" : ""}` }, text);
  return el(
    "table", { class: "faces" },
    el("caption", { class: "unseen" }, `Persons in ${clip.name}`),
    el("thead", {}, el(
      "tr", {}, el("th", { scope: "col" }, el("span", { class: "unseen" }, "Person"), el("span", { "aria-hidden": "true" }, "#")),
      el("th", { scope: "col" }, "Verdict"), heading("From"), heading("To"), heading("Looks", true), heading("Best face", true),
    )),
    el("tbody", {}, clip.persons.map(personRow)),
  );
}

function nextLook(signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, POLL_MS);
    signal.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
  });
}

async function followed(clip, card, signal) {
  const address = `/api/v1/clips/${clip.id}`;
  let now = clip;
  try {
    while (now.state === "waiting" || now.state === "running") {
      if (now.state === "waiting") {
        card.tell("Waiting for its turn");
      } else {
        card.tell("Looking at the clip", now.progress);
      }
      await nextLook(signal);
      now = await get(address);
    }
  } catch (error) {
    change("DELETE", address).catch(() => {}); // best effort: it is forgotten after a while anyway
    throw error;
  }
  if (now.state === "failed") {
    throw new Error(now.detail || "the clip can’t be judged");
  }
  return now;
}

function player(file, clip) {
  const video = el("video", { src: URL.createObjectURL(file), controls: true, muted: true, playsinline: true, preload: "metadata" });
  video.setAttribute("aria-label", clip.name);
  const view = el("div", { class: "view" }, video);
  view.style.setProperty("--ratio", String((clip.width || 16) / (clip.height || 9)));
  video.addEventListener("error", () => view.replaceChildren(
    el("p", { class: "no-picture soft" }, "Judged, but this browser can’t play the file."),
  ));
  return view;
}

export async function showClip(file, card, { signal, onWait }) {
  card.tell("Sending");
  const begun = await send(`/api/v1/clips?${new URLSearchParams({ name: file.name })}`, file, { signal, onWait });
  const clip = await followed(begun, card, signal);
  const verdicts = clip.persons.map((person) => person.verdict);
  const facts = [`${clip.width} × ${clip.height} px`, time(clip.duration_s), plural(clip.persons.length, "person", "persons")];
  if (clip.compliance !== null) {
    facts.push(`compliance ${percent(clip.compliance)}`);
  }
  const table = clip.persons.length ? personsTable(clip) : el("p", { class: "soft" }, "Nobody was seen in the clip.");
  const detail = clip.detail ? el("p", { class: "why" }, clip.detail) : null;
  card.show(player(file, clip), facts.join(", "), tally(countsOf(verdicts)), table, detail);
  return { clip, verdicts };
}
