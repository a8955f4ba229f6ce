// What happens, by server-sent events; while those don't come, by asking again and again.

import { here } from "./api.js";

const POLL_MS = 2000;
const RECONCILE_MS = 30 * 1000;
const REOPEN_MS = 10 * 1000;

// `refresh` asks for everything, and rejects where that fails; `handlers` has a function for each kind of event.
export function follow(path, handlers, refresh, onFault) {
  let source = null;
  let timer = 0;

  const isOpen = () => source?.readyState === EventSource.OPEN;

  async function look() {
    clearTimeout(timer);
    try {
      await refresh();
      onFault(null);
    } catch (error) {
      onFault(error);
    }
    clearTimeout(timer);
    timer = setTimeout(look, isOpen() ? RECONCILE_MS : POLL_MS);
  }

  function open() {
    source = new EventSource(here(path));
    source.addEventListener("open", look); // what happened before is told by nobody else
    source.addEventListener("error", () => {
      clearTimeout(timer);
      timer = setTimeout(look, POLL_MS);
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(open, REOPEN_MS);
      }
    });
    for (const [kind, handle] of Object.entries(handlers)) {
      source.addEventListener(kind, (event) => handle(JSON.parse(event.data)));
    }
  }

  look();
  open();
}
