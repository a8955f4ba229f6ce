// The page that checks pictures and clips.

import { takeSnapshots } from "./camera.js";
import { showClip } from "./clip_result.js";
import { byId, download } from "./dom.js";
import { takeFiles } from "./intake.js";
import { showPicture } from "./picture_result.js";
import { ResultCard } from "./result_card.js";
import { asCsv, asJson } from "./tables.js";
import { countsOf, plural, tally } from "./verdicts.js";

const CLIP_NAME = /\.(mp4|m4v|mov|mkv|webm|avi|ts|mpe?g|wmv|flv|3gp)$/i;

// More at a time are no faster: the service judges one picture after the other.
const MAX_AT_ONCE = 2;

const list = byId("list");
const entries = [];
const waiting = [];
let running = 0;

const isClip = (file) => file.type.startsWith("video/") || CLIP_NAME.test(file.name);

function summarize() {
  const open = entries.filter((entry) => !entry.isDone).length;
  const results = entries.filter((entry) => entry.result).map((entry) => entry.result);
  const verdicts = results.flatMap((result) => result.verdicts);
  const refused = entries.length - open - results.length;
  const words = [plural(entries.length, "file")];
  if (open) {
    words.push(`${open} under way`);
  }
  if (refused) {
    words.push(`${refused} refused`);
  }
  byId("summary").replaceChildren(`${words.join(", ")}`, ...tally(countsOf(verdicts)));
  byId("results").hidden = entries.length === 0;
  document.body.classList.toggle("has-results", entries.length > 0);
  byId("save-csv").disabled = byId("save-json").disabled = results.length === 0;
}

async function judge(entry) {
  const { card, file, aborter } = entry;
  const show = isClip(file) ? showClip : showPicture;
  card.tell(isClip(file) ? "Sending" : "Looking at the picture");
  try {
    const onWait = (seconds, reason) => card.tell(`Not yet: ${reason}. Trying again in ${Math.ceil(seconds)} s.`);
    entry.result = await show(file, card, { signal: aborter.signal, onWait });
  } catch (error) {
    if (!aborter.signal.aborted) {
      card.refuse(error.message);
    }
  }
  entry.isDone = true;
}

async function proceed() {
  if (running === MAX_AT_ONCE || waiting.length === 0) {
    return;
  }
  running += 1;
  await judge(waiting.shift());
  running -= 1;
  summarize();
  proceed();
}

function forget(entry) {
  entry.aborter.abort();
  entry.card.remove();
  entries.splice(entries.indexOf(entry), 1);
  if (waiting.includes(entry)) {
    waiting.splice(waiting.indexOf(entry), 1);
  }
  summarize();
}

function begin(name, file) {
  const entry = { file, aborter: new AbortController(), isDone: false, result: null };
  entry.card = new ResultCard(name, () => {
    forget(entry);
    byId(entries.length ? "results-title" : "choose").focus();
  });
  entries.push(entry);
  return entry;
}

function take(files) {
  const begun = files.map((file) => begin(file.name, file));
  waiting.push(...begun);
  list.prepend(...begun.map((entry) => entry.card.node));
  summarize();
  files.slice(0, MAX_AT_ONCE).forEach(proceed);
  if (files.length) {
    byId("results").scrollIntoView({ block: "nearest", behavior: "smooth" });
  }
}

function takeFault(name, error) {
  const entry = begin(name, null);
  entry.card.refuse(error.message);
  entry.isDone = true;
  list.prepend(entry.card.node);
  summarize();
}

const results = () => entries.filter((entry) => entry.result).map((entry) => entry.result);

byId("save-csv").addEventListener("click", () => download("maskstream.csv", "text/csv", asCsv(results())));
byId("save-json").addEventListener("click", () => download("maskstream.json", "application/json", asJson(results())));
byId("clear").addEventListener("click", () => {
  [...entries].forEach(forget);
  byId("choose").focus();
});
takeFiles(take, takeFault);
takeSnapshots(take);
