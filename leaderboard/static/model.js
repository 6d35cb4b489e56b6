// Model: one model's profile over languages and layers, and where its numbers are from.
import { copyLink } from "./clipboard.js";
import { select } from "./controls.js";
import { MOST_LINES, curves } from "./curves.js";
import { h, plural } from "./dom.js";
import { downloads } from "./downloads.js";
import { forecasts } from "./forecast.js";
import { ORDERS, heatmap } from "./heatmap.js";
import { languagePicker } from "./language_picker.js";
import { absent, inShort, inView } from "./model_answer.js";
import { identity, provenance, relatives } from "./model_facts.js";
import { noise } from "./model_noise.js";
import { meant, modelSelect } from "./model_select.js";
import { Statistics } from "./model_statistics.js";
import { ModelTable } from "./model_table.js";
import { similar, tasks } from "./model_tasks.js";
import * as net from "./net.js";
import { NO_ORDER, SHOWN, list, options, title } from "./page_parts.js";
import { ReadPage } from "./read_page.js";
import { Segments } from "./segments.js";
import * as state from "./state.js";

export async function mount(element) {
  const page = new Model();
  element.append(...page.parts());
  return page;
}

class Model extends ReadPage {
  constructor() {
    super();
    this.model = modelSelect({ label: "Model", name: "model", onChange: (key) => this.choose(key) });
    const languages = async () => this.answer?.scores ?? [];
    this.shown = languagePicker({ label: "Languages to draw", languages, hint: `at most ${MOST_LINES}`, onChange: (codes) => this.drawLines(codes) });
    this.order = select({ label: "Rows of the heatmap", name: "heat", options: ORDERS, onChange: (value) => this.drawHeat(value) });
    this.table = new ModelTable();
    this.segments = new Segments({ languages });
    this.statistics = new Statistics();
  }

  parts() {
    this.title = h("h1", {}, "Model");
    this.short = h("p.sentence.in-short");
    this.lead = h("p.lead");
    this.facts = h("div");
    this.origin = h("div");
    this.like = h("div");
    this.tasks = h("div");
    this.forecasts = h("section.forecasts", { "aria-label": "Forecasts" });
    this.similar = h("div");
    this.lines = h("div");
    this.heat = h("div");
    this.noise = h("div.results");
    this.fractions = h("p.muted", {}, "This score counts segments by fractions, so none can be listed as counting or not.");
    this.counts = h("p.muted");
    this.files = h("span");
    downloads(this.files, "scores", () => this.params());
    const compare = h("a.button", { href: "?page=compare" }, "Compare with another");
    compare.addEventListener("pointerdown", () => this.aim(compare));
    compare.addEventListener("focus", () => this.aim(compare));
    const named = (id, title, ...children) => h("section", { "aria-labelledby": id }, h("h2", { id }, title), children);
    this.inner = h(
      "div",
      {},
      named("model-like", "Beside others", h("p.muted", {}, "Averages over the core languages; differences are paired over segments, and clear where the 95 % interval leaves 0 out."), this.like),
      named("model-tasks", "Tasks", this.tasks),
      named("model-layers", "Layers", this.shown.element, this.lines),
      named("model-heat", "Languages by layer", h("div.controls", {}, this.order.element), this.heat, h("p.hint.wide-only", {}, "Drag over rows to look closer, double-click to see all again.")),
      named("model-statistics", "Layers: statistics", h("p.muted", {}, "What the vectors of each layer are like. Nothing is ranked by it. Languages are those drawn above."), this.statistics.element),
      named("model-noise", "Noise", h("p.muted", {}, "Alignment with English when the language's segments are spoiled, beside the clean ones."), this.noise),
      named("model-scores", "Scores", h("div.tools", {}, h("span.end", {}, this.files)), this.table.element),
      this.forecasts,
      named("model-segments", "Segments", this.counts, this.fractions, this.segments.element),
      named("model-similar", "Similar models", this.similar),
      h("div.two", {}, named("model-what", "What it is", this.facts), named("model-how", "How it was measured", this.origin)),
    );
    this.results = h("div.results");
    this.panel.append(options([h("div.wide", {}, this.model.element)], [...this.views.elements, this.pooling.element], h("div.tools", {}, compare, h("span.end", {}, copyLink()))));
    return [this.title, this.short, this.lead, this.panel, this.notes.element, this.empty, this.results];
  }

  aim(link) {
    link.href = state.link({ page: "compare", models: this.model.value, ...this.viewOf() });
  }

  params() {
    return { ...this.viewOf(), model: this.key };
  }

  read(values) {
    this.key = values.model ?? "";
  }

  answered() {
    return Boolean(this.answer);
  }

  own() {
    if (!this.answer) return { model: this.key };
    const shown = this.shown.value.join();
    const heat = this.order.value;
    return { model: this.key, show: shown === this.usual().join() ? "" : shown, heat: heat === "score" ? "" : heat, statistic: this.statistics.own(), language: this.segments.chosen, segments: this.segments.order.value };
  }

  choose(key) {
    this.key = key;
    state.set({ model: key }, { push: true });
    return this.load(null);
  }

  async load(values) {
    if (this.bare()) return this.inner.remove();
    this.of = await net.get("models", this.viewOf()).catch(() => null);
    const models = this.of?.models;
    if (models) {
      this.model.offer(models);
      if (!this.key && models.length) {
        // Which model is best changes; the address says which one this is.
        this.key = models[0].model;
        state.set({ model: this.key });
      }
      const found = meant(this.key, models);
      if (found) this.key = found.model;
      this.model.set(this.key);
      if (this.key && !found) return this.without(this.key);
    }
    await net.into(this.results, "scores", { ...this.params(), layers: 1 }, (answer) => this.take(answer, values));
  }

  /** The view has no such model: say where it is, or how to have it measured. */
  async without(key) {
    this.answer = null;
    this.inner.remove();
    this.title.textContent = "Model";
    this.short.replaceChildren();
    this.lead.replaceChildren();
    title("model", "Model");
    const asked = (this.results.boardAsk = Symbol("ask")); // an answer under way is no longer wanted
    const said = await absent(key, this.views.view(), this.viewOf().pooling).catch((error) => error);
    if (this.results.boardAsk !== asked) return;
    if (said instanceof Error) net.failed(this.results, said, () => this.without(key));
    else this.results.replaceChildren(said);
  }

  take(answer, given) {
    // Where the first answer failed, what the address asks for still waits.
    const values = given ?? (this.answer ? null : state.get());
    const before = this.answer?.model.model;
    this.answer = answer;
    if (!this.inner.parentElement) this.results.replaceChildren(this.inner);
    const { model } = answer;
    this.title.textContent = model.name;
    title("model", model.name);
    this.short.replaceChildren(...inShort(answer, this.of, this.viewOf()));
    const above = answer.scores.filter((score) => !score[answer.pooling].at_chance).length;
    this.lead.textContent = `${model.weights}, computed in ${model.dtype}; above chance in ${above} of the ${plural(answer.scores.length, "language")} that it was measured in.`;
    this.facts.replaceChildren(identity(model, this.of?.models ?? [], this.viewOf()));
    this.origin.replaceChildren(provenance(answer, (view) => inView(view, this.key, this.viewOf().pooling)));
    this.like.replaceChildren(relatives(answer, this.viewOf()));
    this.similar.replaceChildren(similar(answer, this.viewOf()));
    tasks(this.tasks, model.model);
    forecasts(this.forecasts, this.params(), "model", this.viewOf());
    this.restore(values);
    this.drawLines(this.shown.value, false);
    this.drawHeat(this.order.value, false);
    this.table.draw(answer, this.viewOf(), values ?? (before && before !== model.model ? { ...state.get(), ...NO_ORDER } : null));
    this.extras(answer, values);
    if (!answer.view.hits) return undefined;
    return this.segments.show({ ...this.viewOf(), pooling: "", model: this.key }, this.segmentsOf(values), this.segments.order.value);
  }

  /** What the view may lack: statistics, noise, segments that count. */
  extras({ view, model }, values) {
    this.counts.hidden = this.segments.element.hidden = !view.hits;
    this.fractions.hidden = view.hits;
    this.counts.textContent = view.score === "alignment" ? "A segment aligns when it and its translation are each other's nearest neighbours, out of all segments." : `Segments that count by ${view.title}.`;
    const corpus = `${view.corpus}-${view.corpus_hash.slice(0, 12)}`;
    const wanted = values ? (values.statistic ?? "") : undefined;
    this.statistics.show({ model: model.model, corpus }, this.shown.value, wanted).then((bad) => {
      this.note(bad);
      if (bad.length && state.page() === "model") state.set({ statistic: this.statistics.own() });
    });
    if (view.kind === "embedding") noise(this.noise, { ...this.viewOf(), model: model.model });
    else this.noise.replaceChildren(h("p.muted", {}, "Noise is told of alignment of the clean segments: choose an embedding method above."));
  }

  restore(values) {
    const has = new Set(this.answer.scores.map((score) => score.language));
    if (values) {
      const asked = list(values.show, 100);
      const known = asked.filter((code) => has.has(code));
      this.note(asked.filter((code) => !has.has(code)).map((code) => `the language “${code}”`));
      if (known.length > MOST_LINES) this.note(known.slice(MOST_LINES).map((code) => `the line of ${code} (at most ${MOST_LINES})`));
      this.shown.set(known.slice(0, MOST_LINES));
      const order = values.heat ?? "score";
      this.order.set(ORDERS.some(([key]) => key === order) ? order : "score");
      if (this.order.value !== order) this.note([`heat=${order}`]);
      if (values.segments && !["best", "worst"].includes(values.segments)) this.note([`segments=${values.segments}`]);
      this.segments.order.set(["best", "worst"].includes(values.segments) ? values.segments : "");
    }
    const kept = this.shown.value.filter((code) => has.has(code));
    this.shown.set(kept.length ? kept : this.usual());
  }

  /** The languages drawn until somebody chooses others. */
  usual() {
    const has = new Set(this.answer.scores.map((score) => score.language));
    const usual = SHOWN.filter((code) => has.has(code));
    return usual.length ? usual : this.answer.scores.slice(0, 5).map((score) => score.language);
  }

  segmentsOf(values) {
    const { scores } = this.answer;
    const asked = values ? (values.language ?? "") : (this.segments.picker.value[0] ?? "");
    const there = scores.some((score) => score.language === asked);
    if (values) this.segments.chosen = there ? asked : "";
    if (there) return asked;
    if (values?.language) this.note([`the language “${asked}” of the segments`]);
    return (scores.find((score) => score.counted) ?? scores[0])?.language ?? "";
  }

  drawLines(codes, chosen = true) {
    const some = codes.slice(0, MOST_LINES);
    if (some.length < codes.length) this.shown.set(some);
    if (chosen) state.set({ show: some.join() === this.usual().join() ? "" : some.join(",") });
    this.statistics.drawn(some);
    return curves(this.lines, this.answer.scores, some, this.answer.model, this.answer.view);
  }

  drawHeat(order, chosen = true) {
    if (chosen) state.set({ heat: order === "score" ? "" : order });
    return heatmap(this.heat, this.answer.scores, order, this.answer.view);
  }
}
