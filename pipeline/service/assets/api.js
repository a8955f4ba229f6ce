// Questions to the service, and its refusals as sentences.

const TIMEOUT_MS = 15 * 1000;
const MAX_WAIT_S = 60;

// Not relative: an address with the token in it (any:TOKEN@HOST) would be passed on, which browsers refuse.
export const here = (path) => location.origin + path;

export class Refusal extends Error {
  constructor(status, problem, retryAfterS) {
    super(problem.detail ?? `the service answered ${status}`);
    this.status = status;
    this.mistakes = problem.errors ?? [];
    this.retryAfterS = retryAfterS;
  }
}

async function answerOf(response) {
  if (response.ok) {
    return response.status === 204 ? null : response.json();
  }
  const problem = await response.json().catch(() => ({}));
  throw new Refusal(response.status, problem, Number(response.headers.get("Retry-After")) || null);
}

async function asked(path, options, timeoutMs = TIMEOUT_MS) {
  let response;
  try {
    response = await fetch(here(path), { ...options, signal: options.signal ?? AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new Error(error.name === "TimeoutError" ? "the service does not answer" : "the service can’t be reached");
  }
  return answerOf(response);
}

export const get = (path) => asked(path, {});

// Changes are made by those who are signed in, and by no form or link of another page.
export function change(method, path, body) {
  const headers = { "X-CSRF-Token": document.querySelector("meta[name=csrf-token]")?.content ?? "" };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  return asked(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
}

const pause = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

// A busy service names the time after which it will take the file; `onWait` is told that it is waited for, and why.
export async function send(path, file, { signal, onWait }) {
  const type = file.type.startsWith("image/") ? file.type : "application/octet-stream";
  for (let waits = 0; ; waits += 1) {
    try {
      return await asked(path, { method: "POST", headers: { "Content-Type": type }, body: file, signal });
    } catch (error) {
      if (!(error instanceof Refusal && [429, 503].includes(error.status) && waits < 20)) {
        throw error;
      }
      const seconds = Math.min(error.retryAfterS ?? 2, MAX_WAIT_S);
      onWait(seconds, error.message);
      await pause(seconds);
      signal.throwIfAborted();
    }
  }
}
