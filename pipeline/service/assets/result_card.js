// The card of one file: under way, judged or refused.

import { el, setText } from "./dom.js";

// The name of a file stays as it is.
function sentence(text, name) {
  const whole = text.startsWith(name) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

export class ResultCard {
  constructor(name, onRemove) {
    this.status = el("p", { class: "soft small" }, "Waiting");
    this.bar = el("progress", { max: 1, "aria-label": `Progress of ${name}` });
    this.title = el("h3", {}, name);
    const away = el("button", { type: "button", class: "quiet away", "aria-label": `Remove ${name}`, click: onRemove }, "×");
    this.body = el("div", { class: "facts" }, el("div", { class: "name" }, this.title, away), this.status, this.bar);
    this.figure = el("div", { class: "figure waiting" });
    this.node = el("li", { class: "result card" }, this.figure, this.body);
  }

  tell(text, progress = null) {
    const share = progress === null ? "" : `: ${Math.round(progress * 100)} %`;
    setText(this.status, `${text}${share}`);
    if (progress === null) {
      this.bar.removeAttribute("value");
    } else {
      this.bar.value = progress;
    }
  }

  show(view, facts, counts, ...rest) {
    this.bar.remove();
    setText(this.status, facts);
    this.figure.classList.remove("waiting");
    this.figure.replaceChildren(view);
    this.body.append(el("p", { class: "tally" }, counts), ...rest.filter(Boolean));
  }

  remove() {
    for (const video of this.node.querySelectorAll("video")) {
      URL.revokeObjectURL(video.src);
    }
    this.node.remove();
  }

  refuse(text) {
    this.bar.remove();
    this.status.remove();
    this.node.classList.add("refused");
    this.figure.remove();
    this.body.append(el("p", { class: "fault" }, sentence(text, this.title.textContent)));
  }
}
