// The states of a camera, in plain words.

import { el, icon } from "./dom.js";

const STATES = {
  live: ["Live", "live"],
  connecting: ["Connecting", "waiting"],
  stalled: ["Stalled", "trouble"],
  backing_off: ["Lost", "trouble"],
  refused: ["Refused", "trouble"],
  paused: ["Paused", "paused"],
};

// What docs/operating.md says of each reason, in one sentence.
const REMEDIES = {
  unreachable: "Nobody answers at the address. Is the camera on, and is the address right?",
  no_answer: "The camera took the connection and kept silent. It may serve too many viewers; restart it.",
  credentials: "The camera does not take the login. Mend the user name or password.",
  not_found: "The camera has no stream at this address. Its manual names the path.",
  broken: "What comes can’t be decoded. Set the camera to H.264 or H.265.",
  ended: "The camera hung up.",
  silent: "The line is open, and no pictures come.",
  crashed: "The process that read the camera died; another one takes over.",
  fault: "The program failed here; its log says where.",
};

export const stateWord = (state) => STATES[state][0];
export const stateKind = (state) => STATES[state][1];

export function stateMark(state) {
  return el("span", { class: `state ${stateKind(state)}` }, icon(`state-${stateKind(state)}`), stateWord(state));
}

export function untilUtc(utc) {
  const seconds = Math.ceil((Date.parse(utc) - Date.now()) / 1000);
  return seconds > 0 ? `It is tried again in ${seconds} s.` : "It is tried again now.";
}

// A sentence where something is wrong, else an empty text.
export function fault(stream) {
  if (stateKind(stream.state) !== "trouble") {
    return "";
  }
  const remedy = REMEDIES[stream.reason] ?? `${stream.detail}.`;
  return stream.retry_utc ? `${remedy} ${untilUtc(stream.retry_utc)}` : remedy;
}

export function age(seconds) {
  if (seconds < 10) {
    return `${seconds.toFixed(1)} s`;
  }
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

// A picture goes on getting old after the last word of its stream.
export function freshness(stream) {
  if (stream.last_frame_utc === null && stream.frame_age_s === null) {
    return "no picture yet";
  }
  const known = stream.state === "live" ? stream.frame_age_s : null;
  const seconds = known ?? Math.max(0, (Date.now() - Date.parse(stream.last_frame_utc)) / 1000);
  const rate = stream.state === "live" ? `${stream.frames_per_s.toFixed(1)} frames/s, ` : "";
  return Number.isFinite(seconds) ? `${rate}${age(seconds)} old` : `${rate}age unknown`;
}

export const clock = (utc) => new Date(utc).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
