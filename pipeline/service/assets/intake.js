// The ways in which files come: dropped, pasted, chosen, or as a sample.

import { here } from "./api.js";
import { byId } from "./dom.js";

function carriesFiles(event) {
  return [...(event.dataTransfer?.types ?? [])].includes("Files");
}

function takeDropped(onFiles) {
  const zone = byId("drop");
  document.addEventListener("dragover", (event) => {
    event.preventDefault(); // else the browser leaves the page for the file
    zone.classList.toggle("over", carriesFiles(event));
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) {
      zone.classList.remove("over");
    }
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    onFiles([...event.dataTransfer.files]);
  });
}

async function takeSample(button, onFiles, onFault) {
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(here(button.dataset.sample));
    if (!answer.ok) {
      throw new Error(`the sample can’t be had: the service answered ${answer.status}`);
    }
    const blob = await answer.blob();
    onFiles([new File([blob], button.dataset.name, { type: blob.type })]);
  } catch (error) {
    onFault(button.dataset.name, error);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

export function takeFiles(onFiles, onFault) {
  const input = byId("files");
  byId("choose").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    onFiles([...input.files]);
    input.value = ""; // so that the same file can be chosen again
  });
  document.addEventListener("paste", (event) => onFiles([...(event.clipboardData?.files ?? [])]));
  takeDropped(onFiles);
  for (const button of document.querySelectorAll("[data-sample]")) {
    button.addEventListener("click", () => takeSample(button, onFiles, onFault));
  }
}
