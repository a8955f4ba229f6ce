// The page of all cameras.

import { get } from "./api.js";
import { offerToAdd } from "./changes.js";
import { byId, setText } from "./dom.js";
import { follow } from "./feed.js";
import { StreamCard } from "./stream_card.js";
import { stateKind } from "./states.js";
import { VERDICTS, tally } from "./verdicts.js";

const list = byId("streams");
const tools = byId("tools");
const problem = byId("problem");
const cards = new Map();

const kindOf = (card) => {
  const kind = stateKind(card.stream.state);
  return kind === "waiting" ? "trouble" : kind;
};

function tellFault(error) {
  problem.hidden = error === null;
  if (error) {
    setText(problem, `What is shown is old: ${error.message}. Trying again.`);
  }
}

const tellRefusal = (error) => {
  problem.hidden = false;
  setText(problem, error.message);
};

function filter() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = tools.elements.show.value;
  let count = 0;
  for (const card of cards.values()) {
    const isShown = card.matches(words) && (wanted === "all" || kindOf(card) === wanted);
    card.node.hidden = !isShown;
    count += isShown ? 1 : 0;
  }
  byId("none").hidden = count > 0 || cards.size === 0;
}

let said = "";

function summarize() {
  const streams = [...cards.values()].map((card) => card.stream);
  const kinds = [...cards.values()].map(kindOf);
  for (const place of document.querySelectorAll("[data-count]")) {
    const { count } = place.dataset;
    setText(place, String(count === "all" ? kinds.length : kinds.filter((kind) => kind === count).length));
  }
  tools.hidden = cards.size === 0;
  byId("empty").hidden = cards.size > 0;
  const live = kinds.filter((kind) => kind === "live").length;
  const counts = Object.fromEntries(
    VERDICTS.map((verdict) => [verdict, streams.reduce((sum, stream) => sum + (stream.persons[verdict] ?? 0), 0)]),
  );
  const text = cards.size ? `${live} of ${cards.size} live` : "No cameras";
  if (`${text} ${Object.values(counts)}` !== said) {
    said = `${text} ${Object.values(counts)}`;
    byId("summary").replaceChildren(text, ...tally(counts));
  }
  filter();
}

function show(stream) {
  const card = cards.get(stream.id);
  if (card) {
    card.update(stream);
  } else {
    const made = new StreamCard(stream, (changed) => hear(stream.id, changed), tellRefusal);
    cards.set(stream.id, made);
    list.append(made.node);
  }
}

function forget(id) {
  cards.get(id)?.remove();
  cards.delete(id);
}

function hear(id, stream) {
  if (stream === null) {
    forget(id);
  } else {
    show(stream);
  }
  summarize();
}

async function refresh() {
  const { streams } = await get("/api/v1/streams");
  const ids = new Set(streams.map((stream) => stream.id));
  [...cards.keys()].filter((id) => !ids.has(id)).forEach(forget);
  streams.forEach(show);
  summarize();
}

tools.addEventListener("submit", (event) => event.preventDefault());
tools.addEventListener("input", filter);
offerToAdd((stream) => hear(stream.id, stream));
follow("/api/v1/events", {
  stream: (stream) => hear(stream.id, stream),
  removed: ({ id }) => hear(id, null),
  person: ({ stream }) => cards.get(stream)?.hearPerson(),
}, refresh, tellFault);
