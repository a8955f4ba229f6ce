// A camera in the grid.

import { get } from "./api.js";
import { actions, mayChange } from "./changes.js";
import { el, icon, setText } from "./dom.js";
import { hourPlot, sumOf } from "./plot.js";
import { Preview } from "./preview.js";
import { fault, freshness, stateMark } from "./states.js";
import { VERDICTS, WORDS, percent, plural } from "./verdicts.js";

const HISTORY_MS = 60 * 1000;
const AFTER_PERSON_MS = 3000;

const labelsOf = (stream) => Object.entries(stream.labels).map(([name, value]) => `${name}: ${value}`).join(", ");

export class StreamCard {
  constructor(stream, onChange, onFault) {
    const { id } = stream;
    this.id = id;
    this.heard = [onChange, onFault];
    this.preview = new Preview(id);
    this.state = el("span", { class: "state-place" });
    this.labels = el("p", { class: "small soft labels" });
    this.fault = el("p", { class: "small fault" });
    this.counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, el("b")]));
    this.people = el("dl", { class: "present" }, VERDICTS.map((verdict) => el(
      "div", {}, el("dt", { class: "small soft" }, WORDS[verdict]), el("dd", {}, icon(verdict), this.counts[verdict]),
    )));
    this.share = el("b", { class: "share" });
    this.judged = el("span", { class: "small soft" });
    this.plot = el("div", { class: "spark" });
    this.fresh = el("span", { class: "small soft fresh" });
    this.hints = el("ul", { class: "hints small" });
    this.actions = el("div", { class: "actions" });
    this.node = el(
      "li", { class: "card stream" },
      this.preview.node,
      el("div", { class: "content" },
        el("div", { class: "head" }, el("h2", {}, el("a", { href: `/live/${encodeURIComponent(id)}` }, id)), this.state),
        this.labels, this.fault, this.people,
        el("div", { class: "hour" }, el("p", {}, this.share, this.judged), this.plot),
        this.hints,
        el("div", { class: "foot" }, this.fresh, this.actions)),
    );
    this.timer = 0;
    this.observer = new IntersectionObserver(([entry]) => { this.#watch(entry.isIntersecting); });
    this.observer.observe(this.node);
    this.update(stream);
  }

  update(stream) {
    const before = this.stream;
    this.stream = stream;
    this.preview.update(stream);
    if (before?.state !== stream.state) {
      this.state.replaceChildren(stateMark(stream.state));
      this.actions.replaceChildren(...(mayChange(stream) ? actions(stream, ...this.heard) : []));
    }
    setText(this.labels, labelsOf(stream));
    setText(this.fault, fault(stream));
    VERDICTS.forEach((verdict) => setText(this.counts[verdict], String(stream.persons[verdict] ?? 0)));
    setText(this.share, stream.compliance === null ? "–" : percent(stream.compliance));
    setText(this.judged, stream.compliance === null ? "nobody judged yet" : `masked of ${plural(stream.judged, "person", "persons")}`);
    setText(this.fresh, freshness(stream));
    this.#hint(stream.hints ?? []);
  }

  hearPerson() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#look(), AFTER_PERSON_MS);
  }

  remove() {
    clearTimeout(this.timer);
    this.observer.disconnect();
    this.preview.hide();
    this.node.remove();
  }

  matches(words) {
    const text = `${this.id} ${this.stream.url} ${labelsOf(this.stream)} ${this.stream.state}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }

  #hint(hints) {
    if (hints.join() !== [...this.hints.children].map((item) => item.textContent).join()) {
      this.hints.replaceChildren(...hints.map((hint) => el("li", {}, hint)));
    }
  }

  #watch(isVisible) {
    clearTimeout(this.timer);
    if (isVisible) {
      this.#look();
    }
  }

  async #look() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#look(), HISTORY_MS);
    try {
      const { minutes } = await get(`/api/v1/streams/${encodeURIComponent(this.id)}/history`);
      const isEmpty = Object.values(sumOf(minutes)).every((count) => count === 0);
      this.plot.replaceChildren(isEmpty ? el("span", { class: "small soft" }, "Nobody left in the last hour") : hourPlot(minutes));
    } catch {
      // The next look comes; that the service is gone is told above the cards.
    }
  }
}
