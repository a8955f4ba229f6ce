// Moving pictures, while somebody wants to see them.

import { here } from "./api.js";
import { el, icon } from "./dom.js";

// A browser opens six connections to a host: moving pictures keep theirs, as do the events, and questions need one.
const MAX_PICTURES = 4;

const shown = [];

export class Preview {
  constructor(id) {
    this.id = id;
    this.address = null;
    this.image = null;
    this.button = el("button", { type: "button", click: () => (this.image ? this.hide() : this.show()) });
    this.node = el("div", { class: "preview" }, this.button);
    this.#label();
  }

  update(stream) {
    this.address = stream.preview;
    this.button.hidden = stream.preview === null;
    this.node.classList.toggle("idle", stream.state !== "live");
  }

  show() {
    if (shown.length === MAX_PICTURES) {
      shown[0].hide();
    }
    this.image = el("img", { alt: `Live picture of ${this.id}`, src: here(this.address) });
    this.node.prepend(this.image);
    shown.push(this);
    this.#label();
  }

  hide() {
    this.image?.removeAttribute("src"); // ends the connection, which removing the element alone does not
    this.image?.remove();
    this.image = null;
    if (shown.includes(this)) {
      shown.splice(shown.indexOf(this), 1);
    }
    this.#label();
  }

  #label() {
    const word = this.image ? "Hide picture" : "Show picture";
    this.button.replaceChildren(...(this.image ? [] : [icon("play")]), el("span", {}, word));
    this.button.setAttribute("aria-label", `${word} of ${this.id}`);
    this.button.setAttribute("aria-expanded", String(this.image !== null));
    this.node.classList.toggle("shown", this.image !== null);
  }
}

// Nobody looks at a page that is hidden; its connections would be missing to the others.
let resting = [];
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    resting = [...shown];
    resting.forEach((preview) => preview.hide());
  } else {
    resting.forEach((preview) => preview.show());
    resting = [];
  }
});
