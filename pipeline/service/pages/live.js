"use strict";

const REFRESH_MS = 2000;
const VERDICTS = ["masked", "incorrect", "unmasked", "unknown"];

// A browser opens six connections to a host; moving pictures keep theirs, and the refreshing needs one.
const MAX_PICTURES = 4;

const list = document.getElementById("streams");
const problem = document.getElementById("problem");
const summary = document.getElementById("summary");
const template = document.getElementById("stream");
const cards = new Map();
const shown = [];

// Not relative: an address with the token in it (any:TOKEN@HOST) would be passed on, which browsers refuse.
function here(path) {
  return location.origin + path;
}

function number(value, digits, unit) {
  return value === null ? "unknown" : `${value.toFixed(digits)}${unit}`;
}

function values(stream) {
  const persons = VERDICTS.map((verdict) => [verdict, String(stream.persons[verdict] ?? 0)]);
  const share = stream.compliance === null ? null : stream.compliance * 100;
  return {
    rate: number(stream.frames_per_s, 1, ""),
    age: number(stream.frame_age_s, 2, " s"),
    compliance: share === null ? "nobody judged yet" : `${number(share, 0, " %")} of ${stream.judged}`,
    ...Object.fromEntries(persons),
  };
}

function label(id, text, isShown) {
  const button = cards.get(id).querySelector("button");
  button.textContent = text;
  button.setAttribute("aria-label", `${text} of ${id}`);
  button.setAttribute("aria-expanded", String(isShown));
}

function hide(id) {
  const image = cards.get(id).querySelector("img");
  if (image) {
    image.removeAttribute("src"); // ends the connection, which removing the element alone does not
    image.remove();
  }
  label(id, "Show picture", false);
  shown.splice(shown.indexOf(id), 1);
}

function show(id, address) {
  if (shown.length === MAX_PICTURES) {
    hide(shown[0]);
  }
  const image = document.createElement("img");
  image.alt = `Live picture of ${id}`;
  image.src = here(address);
  label(id, "Hide picture", true);
  cards.get(id).querySelector(".picture").append(image);
  shown.push(id);
}

function newCard(stream) {
  const card = template.content.firstElementChild.cloneNode(true);
  const button = card.querySelector("button");
  card.querySelector("h2").textContent = stream.id;
  button.addEventListener("click", () => {
    if (shown.includes(stream.id)) {
      hide(stream.id);
    } else {
      show(stream.id, button.dataset.preview);
    }
  });
  cards.set(stream.id, card);
  label(stream.id, "Show picture", false);
  list.append(card);
  return card;
}

function fill(card, stream) {
  const state = card.querySelector(".state");
  const button = card.querySelector("button");
  state.textContent = stream.state.replace("_", " ");
  state.dataset.state = stream.state;
  card.querySelector(".detail").textContent = stream.detail;
  button.hidden = stream.preview === null;
  button.dataset.preview = stream.preview ?? "";
  for (const [name, value] of Object.entries(values(stream))) {
    card.querySelector(`[data-value="${name}"]`).textContent = value;
  }
}

function remove(id) {
  if (shown.includes(id)) {
    hide(id);
  }
  cards.get(id).remove();
  cards.delete(id);
}

function update(streams) {
  const ids = new Set(streams.map((stream) => stream.id));
  [...cards.keys()].filter((id) => !ids.has(id)).forEach(remove);
  streams.forEach((stream) => fill(cards.get(stream.id) ?? newCard(stream), stream));
  const live = streams.filter((stream) => stream.state === "live").length;
  const text = `${live} of ${streams.length} streams live`;
  if (summary.textContent !== text) {
    summary.textContent = text; // said aloud by screen readers, so only where it changed
  }
}

async function refresh() {
  try {
    const answer = await fetch(here("/api/v1/streams"), { signal: AbortSignal.timeout(10 * 1000) });
    if (!answer.ok) {
      throw new Error(`the answer was ${answer.status}`);
    }
    update((await answer.json()).streams);
    problem.hidden = true;
  } catch (error) {
    problem.textContent = `The figures below are old: ${error.message}. Trying again.`;
    problem.hidden = false;
  }
  setTimeout(refresh, REFRESH_MS);
}

refresh();
