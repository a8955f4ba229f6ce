// A picture of the visitor's own camera.

import { byId, el, setText } from "./dom.js";

const dialog = byId("camera-dialog");
const video = byId("camera-picture");
const take = byId("camera-take");
const note = byId("camera-note");

const REASONS = {
  NotAllowedError: "The browser was not allowed to use the camera. Allow it in the address bar, then try again.",
  NotFoundError: "No camera was found on this device.",
  NotReadableError: "The camera is in use by another program.",
};

let stream = null;

function end() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
}

async function begin() {
  take.disabled = true;
  setText(note, "Starting the camera …");
  dialog.showModal();
  if (!navigator.mediaDevices) {
    setText(note, "Browsers give the camera to pages over HTTPS or on this machine alone. Choose a file instead.");
    return;
  }
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 } } });
  } catch (error) {
    setText(note, REASONS[error.name] ?? `The camera can’t be used: ${error.message}.`);
    return;
  }
  if (!dialog.open) {
    end();
    return;
  }
  video.srcObject = stream;
}

function taken(onFiles) {
  const canvas = el("canvas", { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d").drawImage(video, 0, 0);
  const now = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  canvas.toBlob((blob) => onFiles([new File([blob], `camera-${now}.jpg`, { type: blob.type })]), "image/jpeg", 0.92);
  dialog.close();
}

export function takeSnapshots(onFiles) {
  byId("use-camera").addEventListener("click", begin);
  byId("camera-cancel").addEventListener("click", () => dialog.close());
  take.addEventListener("click", () => taken(onFiles));
  dialog.addEventListener("close", end);
  video.addEventListener("loadedmetadata", () => {
    take.disabled = false;
    setText(note, "The picture stays in this page until you take it.");
  });
}
