// The page of one camera.

import { get } from "./api.js";
import { byId, el, icon, setText } from "./dom.js";
import { follow } from "./feed.js";
import { drawHour } from "./hour.js";
import { showChanges, showPeople, showStates } from "./lists.js";
import { Preview } from "./preview.js";
import { fault, freshness, stateMark } from "./states.js";
import { VERDICTS, WORDS, percent, plural } from "./verdicts.js";

const AGAIN_MS = 30 * 1000;
const AFTER_EVENT_MS = 1000;

const { id } = byId("stream").dataset;
const address = `/api/v1/streams/${encodeURIComponent(id)}`;
const preview = new Preview(id);
const problem = byId("problem");
let shown = null;
let timer = 0;

function tellFault(error) {
  problem.hidden = error === null;
  if (error) {
    setText(problem, error.status === 404 ? "This camera was removed." : `What is shown is old: ${error.message}. Trying again.`);
  }
}

const figure = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));

function showFigures(stream) {
  byId("people").replaceChildren(...VERDICTS.map((verdict) => el(
    "div", {},
    el("dt", { class: "verdict" }, icon(verdict), WORDS[verdict]),
    el("dd", {}, String(stream.persons[verdict] ?? 0)),
  )));
  const compliance = stream.compliance === null
    ? "nobody judged yet" : `${percent(stream.compliance)} of ${plural(stream.judged, "person", "persons")}`;
  const size = stream.width ? `${stream.width} × ${stream.height} px` : "unknown";
  const labels = Object.entries(stream.labels).map(([name, value]) => figure(name, value));
  byId("facts").replaceChildren(
    figure("Masked of who left", compliance), figure("Picture", freshness(stream)), figure("Size", size),
    figure("Recorded", stream.is_recorded ? "yes" : "no"),
    figure("Defined in", stream.owner === "file" ? "the configuration file" : "this site"), ...labels,
  );
}

function show(stream) {
  preview.update(stream);
  if (shown === null && stream.preview && stream.state === "live") {
    preview.show();
  }
  if (shown?.state !== stream.state) {
    byId("state").replaceChildren(stateMark(stream.state));
  }
  const sentence = fault(stream);
  byId("fault").hidden = sentence === "";
  setText(byId("fault"), sentence);
  byId("hints").replaceChildren(...(stream.hints ?? []).map((hint) => el("li", {}, hint)));
  shown = stream;
  showFigures(stream);
}

async function look() {
  clearTimeout(timer);
  timer = setTimeout(() => look().catch(() => {}), AGAIN_MS); // a failure is told by the refreshing of the stream
  const [history, { people }] = await Promise.all([
    get(`${address}/history`), get(`/api/v1/people?${new URLSearchParams({ stream: id, limit: "12" })}`),
  ]);
  drawHour(history);
  showChanges(history.changes);
  showStates(history.states);
  showPeople(people);
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => look().catch(() => {}), AFTER_EVENT_MS);
}

async function refresh() {
  show(await get(address));
  await look();
}

byId("picture").append(preview.node);
follow(`/api/v1/events?${new URLSearchParams({ stream: id })}`, {
  stream: (stream) => {
    const isNew = shown?.state !== stream.state;
    show(stream);
    if (isNew) {
      soon();
    }
  },
  removed: () => tellFault({ status: 404 }),
  verdict: soon,
  person: soon,
}, refresh, tellFault);
