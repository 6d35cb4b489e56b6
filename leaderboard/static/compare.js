// Compare: two to six models over the same languages.
import { copyLink } from "./clipboard.js";
import { choice, folded, select } from "./controls.js";
import { Differences } from "./differences.js";
import { downloads } from "./downloads.js";
import { h, plural } from "./dom.js";
import { fullName, meant, modelSelect } from "./model_select.js";
import { languageSet } from "./models_set.js";
import * as net from "./net.js";
import { difference, list, options, probability, said } from "./page_parts.js";
import { COLOURS, clear } from "./plot.js";
import { GROUPINGS, radar } from "./radar.js";
import { ReadPage } from "./read_page.js";
import { scatter } from "./scatter.js";
import * as state from "./state.js";

const FEWEST = 2;
const MOST = 6;

export async function mount(element) {
  const page = new Compare();
  element.append(...page.parts());
  return page;
}

class Compare extends ReadPage {
  constructor() {
    super();
    const languages = () => net.get("languages", this.views.params()).then((answer) => answer.languages);
    this.keys = [];
    this.add = modelSelect({ label: "Add a model", name: "add", none: "choose …", onChange: (key) => key && this.change([...this.keys, key]) });
    this.set = languageSet({ languages, shown: () => [], onChange: () => this.ask() });
    this.other = select({ label: "Against the first", name: "against", options: [], onChange: (value) => this.against(value) });
    this.groups = choice({ label: "Groups", name: "groups", options: GROUPINGS, value: "region", onChange: (value) => this.group(value) });
  }

  parts() {
    this.chips = h("ol.chips.models-chosen", { "aria-label": "Models compared" });
    this.status = h("p.visually-hidden", { role: "status" });
    this.prompt = h("p.message.plain", { hidden: true });
    this.overall = h("div.overall");
    this.plot = h("div");
    this.round = { plot: h("div"), said: h("p.hint"), table: h("div") };
    this.table = h("div");
    this.differences = new Differences(this.table);
    this.files = h("span.end");
    downloads(this.files, "compare", () => this.params());
    const narrowing = folded("Fewer languages", h("div.controls", {}, this.set.narrowing));
    this.inUse = narrowing.inUse;
    this.fold = narrowing.element;
    const named = (id, title, ...children) => h("section", { "aria-labelledby": id }, h("h2", { id }, title), children);
    this.inner = h(
      "div",
      {},
      this.overall,
      h("div.two", {}, named("compare-by-language", "By language", h("div.controls", {}, this.other.element), this.plot), named("compare-by-group", "By group", h("div.controls", {}, this.groups.element), this.round.plot, this.round.said)),
      named("compare-differences", "Differences", h("div.tools", {}, this.files), this.table),
      named("compare-groups", "Groups", h("p.muted", {}, "Averages over the languages of each group that all models have."), this.round.table),
    );
    this.results = h("div.results");
    const rest = [...this.set.elements, this.pooling.element, ...this.views.elements];
    this.panel.append(this.chips, options([h("div.wide", {}, this.add.element)], rest, narrowing.element));
    return [
      h("h1", {}, "Compare models"),
      h("p.lead", {}, "Two to six models over the same languages. Differences are to the first, paired over segments."),
      this.panel,
      h("div.tools", {}, this.notes.element, h("span.end", {}, copyLink())),
      this.status,
      this.empty,
      this.prompt,
      this.results,
    ];
  }

  params() {
    return { ...this.viewOf(), ...this.set.params(), models: this.keys.join(",") };
  }

  read(values) {
    this.keys = list(values.models);
    const given = (values.models ?? "").split(",").filter((each) => each.trim());
    if (given.length > this.keys.length) this.bad.push("the same model twice");
    this.groups.set(GROUPINGS.some(([key]) => key === values.groups) ? values.groups : "region");
    if (values.groups && this.groups.value !== values.groups) this.bad.push(`groups=${values.groups}`);
    this.set.restore(values);
  }

  offered(found, values) {
    this.set.offer(found);
    this.set.sized(this.views.view()?.sets);
    const unknown = this.set.restore(values);
    if (this.set.inUse()) this.fold.open = true;
    return unknown;
  }

  answered() {
    return Boolean(this.models);
  }

  own() {
    const groups = this.groups.value;
    const first = this.answer?.models[1]?.model;
    const against = this.keys.includes(this.other.value) && this.other.value !== first ? this.other.value : "";
    return { ...this.set.params(), models: this.keys.join(","), groups: groups === "region" ? "" : groups, against };
  }

  /** Other models. @param {string[]} keys */
  change(keys) {
    const next = [...new Set(keys)];
    if (next.length > MOST) {
      this.add.set("");
      this.status.textContent = `At most ${MOST} models can be compared.`;
      return;
    }
    this.keys = next;
    this.add.set("");
    state.set({ models: next.join(","), against: "" }, { push: true });
    return this.load(null);
  }

  async load(values) {
    this.inUse(this.set.inUse());
    if (this.bare()) {
      this.prompt.hidden = true;
      return this.inner.remove();
    }
    const models = await net.get("models", this.views.params()).then((answer) => answer.models, () => null);
    if (models) this.know(models);
    this.draw();
    if (this.keys.length < FEWEST) return;
    await net.into(this.results, "compare", this.params(), (answer) => this.take(answer, values));
  }

  /** Keep of the models asked for those that the board has, by their whole keys. */
  know(models) {
    this.models = models;
    const found = this.keys.map((key) => meant(key, models));
    this.note(this.keys.filter((_, i) => !found[i]).map((key) => `the model “${key}”`));
    const kept = [...new Set(found.filter(Boolean).map((model) => model.model))];
    if (kept.length < found.filter(Boolean).length) this.note(["the same model twice"]);
    if (kept.length > MOST) this.note([`more than ${MOST} models`]);
    this.keys = kept.slice(0, MOST);
    this.add.offer(models.filter((model) => !this.keys.includes(model.model)));
    this.add.set("");
    this.add.element.querySelector("select").disabled = this.keys.length >= MOST;
  }

  draw() {
    const remove = (key) => {
      this.change(this.keys.filter((each) => each !== key));
      this.panel.querySelector("select[name=add]")?.focus();
    };
    const first = (key) => this.change([key, ...this.keys.filter((each) => each !== key)]);
    const chips = this.keys.map((key, i) => {
      const model = meant(key, this.models ?? []);
      const name = model ? fullName(model) : key;
      const dot = h("span.dot", { style: `background: ${COLOURS[i]}`, "aria-hidden": "true" });
      const link = h("a", { href: state.link({ page: "model", model: key, ...this.viewOf() }), dir: "auto" }, name);
      const up = i > 0 && h("button.first", { type: "button", "aria-label": `Compare to ${name}`, title: "compare the others to this one", onclick: () => first(key) }, "↑");
      return h("li", {}, dot, link, i === 0 && this.keys.length > 1 ? h("span.hint", {}, "first") : null, up, h("button", { type: "button", "aria-label": `Remove ${name}`, onclick: () => remove(key) }, "×"));
    });
    this.chips.replaceChildren(...chips);
    this.chips.hidden = !chips.length;
    const few = this.keys.length < FEWEST;
    this.prompt.hidden = !few;
    if (few) this.results.replaceChildren();
    const tick = [" Or tick boxes on ", h("a", { href: state.link({ page: "models" }) }, "Models"), "."];
    const alone = this.models && this.models.length < FEWEST;
    if (alone) this.prompt.replaceChildren(`The board has ${plural(this.models.length, "model")} in this view; comparing needs two.`);
    else this.prompt.replaceChildren(this.keys.length ? "Add another model to compare it with." : "Add two models to compare them.", ...tick);
  }

  take(answer, values) {
    this.answer = answer;
    if (!this.inner.parentElement) this.results.append(this.inner);
    const { models, chosen } = answer;
    if (chosen.unknown.length) {
      this.note(chosen.unknown.map((code) => `the language “${code}”`));
      if (this.set.learned(answer.languages.map((one) => one.language))) return void this.ask();
    }
    if (chosen.absent.length) this.note(chosen.absent.map((code) => `${code} (not in this corpus)`));
    const others = models.slice(1).map((model) => [model.model, fullName(model)]);
    this.other.options(others);
    this.other.element.hidden = others.length < 2;
    if (values) {
      const wanted = values.against ? meant(values.against, models.slice(1)) : null;
      if (values.against && !wanted) this.note([`against=${values.against}`]);
      this.other.set(wanted?.model ?? others[0][0]);
    }
    this.say();
    this.scatter();
    radar(this.round, answer, this.groups.value);
    this.differences.draw(answer, this.viewOf(), values);
    this.status.textContent = `${plural(models.length, "model")} compared over ${chosen.said}.`;
  }

  say() {
    const { models, overall, shared, chosen, pooling, languages } = this.answer;
    const line = (model, k) => {
      const score = model.average ? said(model.average) : "not known";
      const gap = difference(overall[k]);
      const sign = gap && h("span.sign", { "aria-hidden": "true" }, `${gap.sign} `);
      const words = gap ? [sign, gap.text, gap.word === "no clear difference" ? "" : "; clear", overall[k].p === null ? "" : `, ${probability(overall[k].p)}`] : [];
      return h("tr", {}, h("th", { scope: "row", dir: "auto" }, model.name), h("td.number", {}, score), h("td", {}, k ? (words.length ? words : "not known") : "the others are compared to it"));
    };
    const table = h("table.plain.stacked", {}, h("thead", {}, h("tr", {}, ["Model", `Average, ${pooling}`, `Beside ${models[0].name}`].map((head, i) => h(i === 1 ? "th.number" : "th", { scope: "col" }, head)))), h("tbody", {}, models.map(line)));
    const measured = languages.length;
    const sentence = shared
      ? ["Over the ", h("strong", {}, plural(shared, "language")), ` of ${chosen.said} that all ${models.length} models have${measured > shared ? `; ${plural(measured - shared, "language")} more only some of them` : ""}:`]
      : [h("strong", {}, "These models have no language of this set in common"), measured ? `: ${plural(measured, "language")} are measured in some of them, see the table.` : ": none of them was measured in it."];
    this.overall.replaceChildren(h("p.sentence", {}, sentence), shared ? h("div.scroll", {}, table) : "");
  }

  scatter() {
    const at = Math.max(1, this.answer.models.findIndex((model) => model.model === this.other.value));
    const onClick = (code) => state.go(state.link({ page: "languages", language: code, ...this.viewOf() }));
    if (!this.answer.shared) clear(this.plot);
    return scatter(this.plot, this.answer, at, onClick);
  }

  against(key) {
    state.set({ against: key === this.answer.models[1].model ? "" : key });
    return this.scatter();
  }

  group(kind) {
    state.set({ groups: kind === "region" ? "" : kind });
    return radar(this.round, this.answer, kind);
  }
}
