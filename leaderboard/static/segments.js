// Which segments of a language align in a model; text side by side only where it may be shown.
import { choice } from "./controls.js";
import { h, number, plural } from "./dom.js";
import { languagePicker } from "./language_picker.js";
import * as net from "./net.js";
import { lang } from "./page_parts.js";
import * as state from "./state.js";

const ORDERS = [["", "in their order"], ["worst", "worst first"], ["best", "best first"]];

export class Segments {
  /** @param {{languages: () => Promise<object[]>}} given languages that the model has */
  constructor({ languages }) {
    this.picker = languagePicker({ label: "Language of the segments", many: false, languages, onChange: ([code]) => this.choose(code) });
    this.order = choice({ label: "Segments", name: "segments", options: ORDERS, onChange: (value) => this.sort(value) });
    /** As the address has it: empty until somebody chooses one. */
    this.chosen = "";
    this.inner = h("div");
    this.results = h("div.results", {}, this.inner);
    this.element = h("div", {}, h("div.controls", {}, h("div.wide", {}, this.picker.element), h("div.wide", {}, this.order.element)), this.results);
  }

  /** @param {Record<string, string>} params of GET segments @param {string} code @param {string} order */
  show(params, code, order) {
    this.params = params;
    this.picker.set(code ? [code] : []);
    this.order.set(order);
    return this.load();
  }

  choose(code) {
    this.chosen = code ?? "";
    state.set({ language: this.chosen });
    return this.load();
  }

  sort(order) {
    state.set({ segments: order });
    if (this.answer) this.draw();
  }

  load() {
    const [language] = this.picker.value;
    this.answer = null;
    if (!language) return this.inner.replaceChildren(h("p.muted", {}, "Choose a language to see which of its segments align."));
    return net.into(this.results, "segments", { ...this.params, language }, (answer) => {
      this.answer = answer;
      this.draw();
    });
  }

  draw() {
    const { segments, language, pivot, text_here: here, text_public: open, licence } = this.answer;
    const best = segments.filter((one) => one.at_best).length;
    const never = segments.filter((one) => !one.share).length;
    const some = segments.length - never;
    const summary = h("p.sentence", {}, h("strong", {}, `${best} of ${plural(segments.length, "segment")}`), ` of ${language.name} align at the best layer, ${some} at some layer, ${never} at none.`);
    const why = open
      ? "The text of this corpus may be shown, but this machine does not have it."
      : "The text of this corpus may not be shown here: it is not marked as public. The numbers are.";
    const note = here ? h("p.hint", {}, `Text: ${this.answer.view.corpus}${licence ? `, ${licence}` : ""}.`) : h("p.message.plain", {}, why);
    const order = this.order.value;
    const sign = order === "worst" ? 1 : -1;
    const sorted = order ? [...segments].sort((a, b) => sign * (a.share - b.share || a.at_best - b.at_best) || a.number - b.number) : segments;
    const heads = ["No.", "At the best layer", "Share of layers", ...(here ? [pivot?.name ?? "Pivot", language.name] : [])];
    const table = h("table.plain.segments", {}, h("caption.visually-hidden", {}, `Segments of ${language.name}`), h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, sorted.map((one) => this.row(one, here))));
    this.inner.replaceChildren(summary, note, h("div.scroll.tall", { tabindex: "0", role: "region", "aria-label": `Segments of ${language.name}` }, table));
  }

  row(one, here) {
    const { language, pivot } = this.answer;
    const bar = h("span.bar", { style: `--share: ${Math.round(one.share * 100)}%`, "aria-hidden": "true" });
    const state_ = one.at_best ? h("span.aligned", {}, "✓ aligns") : h("span.muted", {}, "✗ does not");
    const text = (words, what) => h("td.words", { dir: "auto", lang: lang(what?.iso) }, words);
    return h("tr", {}, h("td.number", {}, one.number), h("td", {}, state_), h("td.share", {}, bar, ` ${number(one.share * 100)} %`), here ? [text(one.pivot, pivot), text(one.text, language)] : null);
  }
}
