// Trust: how well alignment predicted measured tasks on this board, good or bad.
import { copyLink } from "./clipboard.js";
import { select } from "./controls.js";
import { h } from "./dom.js";
import { downloads } from "./downloads.js";
import { fullName, meant, modelSelect } from "./model_select.js";
import * as net from "./net.js";
import { NO_ORDER, learnScripts } from "./page_parts.js";
import { ReadPage } from "./read_page.js";
import { board } from "./shell.js";
import * as state from "./state.js";
import { none } from "./tasks_words.js";
import { agreement } from "./trust_agreement.js";
import { methods } from "./trust_methods.js";
import { PointsTable } from "./trust_points.js";
import { scatter } from "./trust_scatter.js";
import { best, caveats, outliers, verdicts } from "./trust_words.js";

/** The method that the board shows unless another is chosen. */
const USUAL = { view: "", pooling: "" };

export async function mount(element) {
  const page = new Trust();
  element.append(...page.parts());
  return page;
}

class Trust extends ReadPage {
  constructor() {
    super();
    // Alignment on a part of a corpus is no view of the board: the table of methods chooses.
    this.views = { restore: () => [], offer() {}, params: () => ({}) };
    this.task = select({ label: "Task", name: "task", options: [], onChange: () => this.choose({ ...USUAL }) });
    this.model = modelSelect({ label: "Draw", name: "model", none: "all models", onChange: () => this.draw(null) });
    this.method = { ...USUAL };
  }

  parts() {
    const named = (id, title, ...children) => h("section", { "aria-labelledby": id }, h("h2", { id }, title), children);
    this.verdicts = h("div.verdicts", { role: "status" });
    this.best = h("p.sentence");
    this.methods = h("div");
    this.plot = h("div");
    this.agreement = h("div.results");
    this.outliers = h("p.sentence");
    this.points = new PointsTable();
    this.caveats = h("ul.reasons");
    this.shown = h("p.muted");
    this.files = h("span.end");
    downloads(this.files, "trust", () => this.params());
    this.inner = h(
      "div",
      {},
      this.verdicts,
      this.caveats,
      named("trust-methods", "Methods", this.best, this.methods),
      named("trust-agreement", "Which method agrees best", this.agreement),
      named("trust-languages", "Languages", this.shown, h("div.controls", {}, h("div.wide", {}, this.model.element)), this.plot, this.outliers, h("div.tools", {}, this.files), this.points.element),
    );
    this.results = h("div.results");
    this.panel.append(h("div.controls", {}, h("div.wide", {}, this.task.element)));
    return [
      h("h1", {}, "How far to trust alignment"),
      h("p.lead", {}, "Alignment against accuracy in the languages that tasks were measured in on this board, whatever comes out."),
      this.panel,
      h("div.tools", {}, this.notes.element, h("span.end", {}, copyLink())),
      this.results,
    ];
  }

  viewOf() {
    return this.method;
  }

  params() {
    return { task: this.task.value, ...this.method };
  }

  own() {
    const first = this.tasks?.[0]?.key;
    return { ...this.method, task: this.task.value === first ? "" : this.task.value, model: this.model.value };
  }

  read(values) {
    this.wanted = values;
    this.method = { ...USUAL };
  }

  answered() {
    return Boolean(this.answer);
  }

  async offer() {
    await board().then(learnScripts, () => {});
  }

  /** Another task, or another method of it. @param {{view: string, pooling: string}} method */
  choose(method) {
    this.method = method;
    state.set({ ...this.own(), ...NO_ORDER }, { push: true });
    return this.load(state.get());
  }

  /** The method that an address names, as far as the task has it; empty for the usual one. */
  async understand(values) {
    const { view, pooling } = values;
    if (!view && !pooling) return { ...USUAL };
    const answer = await net.get("trust", { task: this.task.value });
    const fits = (each) => (!view || each.view.view === view) && each.pooling === (pooling || answer.pooling);
    const there = async () => (await board()).views.some((each) => each.view === view);
    const named = async () => ((await there()) ? net.get("trust", { task: this.task.value, view }).then((other) => other.methods, () => []) : []);
    const found = answer.methods.find(fits) ?? (view ? (await named()).find(fits) : undefined);
    const usual = found && found.view.view === answer.view.view;
    if (!found) this.note([[view && `the method ${view}`, pooling && `pooling=${pooling}`].filter(Boolean).join(", ")]);
    if (!found) return { ...USUAL };
    return { view: usual ? "" : found.view.view, pooling: found.pooling === answer.pooling ? "" : found.pooling };
  }

  async load(values) {
    try {
      const { tasks } = await net.get("tasks");
      this.tasks = tasks;
      this.panel.hidden = !tasks.length;
      if (!tasks.length) return this.results.replaceChildren(none());
      this.task.options(tasks.map((task) => [task.key, task.label]));
      if (values) {
        const found = values.task ? tasks.find((task) => [task.key, task.task].includes(values.task)) : tasks[0];
        if (!found) this.note([`the task “${values.task}”`]);
        this.task.set((found ?? tasks[0]).key);
        this.method = await this.understand(values);
      }
    } catch (error) {
      return net.failed(this.results, error, () => this.load(values));
    }
    await net.into(this.results, "trust", this.params(), (answer) => this.take(answer, values));
  }

  take(answer, given) {
    const values = given ?? (this.answer ? null : state.get());
    this.answer = answer;
    if (!this.inner.parentElement) this.results.replaceChildren(this.inner);
    const method = answer.methods.find((each) => each.view.view === answer.view?.view && each.pooling === answer.pooling);
    this.verdicts.replaceChildren(...verdicts(answer, method));
    this.caveats.replaceChildren(...caveats(answer));
    this.best.replaceChildren(...best(answer));
    const onPick = (each) => this.pick(each);
    this.methods.replaceChildren(methods(answer, method, onPick));
    agreement(this.agreement, { task: this.task.value, pooling: this.method.pooling });
    const models = method?.models ?? [];
    this.model.offer(models);
    this.model.element.hidden = models.length < 2;
    if (values) {
      const found = values.model ? meant(values.model, models) : null;
      if (values.model && !found) this.note([`the model “${values.model}”`]);
      this.model.set(found?.model ?? "");
      state.set(this.own());
    }
    return this.draw(values);
  }

  /** Show a method's points, where they can be seen. */
  async pick({ view, pooling }) {
    await this.choose(await this.understand({ view: view.view, pooling }));
    this.shown.scrollIntoView({ block: "center" });
    this.methods.querySelector("[aria-pressed=true]")?.focus({ preventScroll: true });
  }

  draw(values) {
    const { answer } = this;
    state.set({ model: this.model.value });
    const only = this.model.value;
    const points = answer.points.filter((point) => !only || point.model === only);
    const method = answer.methods.find((each) => each.view.view === answer.view?.view && each.pooling === answer.pooling);
    const models = (method?.models ?? []).filter((model) => !only || model.model === only);
    this.shown.textContent = method ? `${answer.task.label} against ${method.view.label}, ${method.pooling} over layers${only && models[0] ? `, ${fullName(models[0])}` : ""}.` : "";
    this.outliers.replaceChildren(...outliers(points, models));
    this.points.draw(points, models, values);
    return scatter(this.plot, answer, models, points);
  }
}
