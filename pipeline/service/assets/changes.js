// What those who are signed in may do with a camera that was added here.

import { change } from "./api.js";
import { byId, el } from "./dom.js";

const MAY_CHANGE = document.querySelector("meta[name=csrf-token]") !== null;

export const mayChange = (stream) => MAY_CHANGE && stream.owner === "rest";

const addressOf = (id) => `/api/v1/streams/${encodeURIComponent(id)}`;

function confirmed(id) {
  const dialog = byId("remove-dialog");
  byId("remove-title").textContent = `Remove ${id}?`;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "remove"), { once: true });
  });
}

// `hear` is told the stream as it then is, null where it is gone, and `onFault` what went wrong.
export function actions(stream, hear, onFault) {
  const acted = async (act) => {
    try {
      hear(await act());
    } catch (error) {
      onFault(error);
    }
  };
  const isPaused = stream.state === "paused";
  const pause = () => acted(() => change("POST", `${addressOf(stream.id)}/${isPaused ? "resume" : "pause"}`));
  const remove = async () => {
    if (await confirmed(stream.id)) {
      acted(() => change("DELETE", addressOf(stream.id)));
    }
  };
  const word = isPaused ? "Resume" : "Pause";
  return [
    el("button", { type: "button", class: "quiet", "aria-label": `${word} ${stream.id}`, click: pause }, word),
    el("button", { type: "button", class: "quiet danger", "aria-label": `Remove ${stream.id}`, click: remove }, "Remove"),
  ];
}

function tell(form, error) {
  for (const [name, word] of [["id", "The name"], ["url", "The address"]]) {
    const mistake = (error?.mistakes ?? []).find(({ key }) => key === name);
    byId(`add-${name}-fault`).textContent = mistake ? `${word} ${mistake.message}.` : "";
    form.elements[name].setAttribute("aria-invalid", String(mistake !== undefined));
  }
  const others = (error?.mistakes ?? []).filter(({ key }) => key !== "id" && key !== "url");
  const rest = others.map(({ key, message }) => `${key}: ${message}`).join("; ");
  byId("add-fault").textContent = rest || (error && !error.mistakes?.length ? error.message : "");
}

export function offerToAdd(hear) {
  const form = byId("add-form");
  if (!form) {
    return;
  }
  const dialog = byId("add-dialog");
  byId("add").addEventListener("click", () => {
    form.reset();
    tell(form, null);
    dialog.showModal();
  });
  byId("add-cancel").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { id, url } = form.elements;
    try {
      hear(await change("POST", "/api/v1/streams", { id: id.value.trim(), url: url.value.trim() }));
      dialog.close();
    } catch (error) {
      tell(form, error);
    }
  });
}
