// Tasks: models by tasks over a language set. Accuracies that were measured, or estimates, never both in a column.
import { copyLink } from "./clipboard.js";
import { choice, folded, select } from "./controls.js";
import { h } from "./dom.js";
import { downloads } from "./downloads.js";
import { languageSet } from "./models_set.js";
import * as net from "./net.js";
import { NO_ORDER, options } from "./page_parts.js";
import { ReadPage } from "./read_page.js";
import { sizeLimit } from "./size_limit.js";
import * as state from "./state.js";
import { dots } from "./tasks_chart.js";
import { TasksTable } from "./tasks_table.js";
import { about, blanks, none, sentence } from "./tasks_words.js";

const KINDS = [
  { value: "measured", label: "measured" },
  { value: "plain", label: "estimated", title: "alignment times English accuracy" },
  { value: "corrected", label: "estimated, corrected", title: "corrected for guessing" },
];
const POOLINGS = [["", "each task's own"], ["mean", "mean"], ["max", "max"]];

export async function mount(element) {
  const page = new Tasks();
  element.append(...page.parts());
  return page;
}

class Tasks extends ReadPage {
  constructor() {
    super();
    const languages = () => net.get("languages").then((answer) => answer.languages);
    this.kind = choice({ label: "Numbers", name: "kind", options: KINDS, value: "measured", onChange: () => this.change() });
    this.set = languageSet({ languages, shown: () => [], onChange: () => this.ask() });
    this.size = sizeLimit(() => this.ask());
    this.pooling = select({ label: "Layer pooling", name: "pooling", options: POOLINGS, onChange: () => this.ask() });
    this.drawn = select({ label: "Task drawn", name: "task", options: [], onChange: () => this.draw() });
    this.embedding = this.views.elements[1];
  }

  parts() {
    const narrowing = folded("Fewer languages", h("div.controls", {}, this.set.narrowing));
    this.inUse = narrowing.inUse;
    this.fold = narrowing.element;
    this.kind.element.classList.add("wide");
    this.sentence = h("p.sentence", { role: "status" });
    this.blanks = h("div");
    this.plot = h("div");
    this.table = new TasksTable();
    this.about = h("div");
    this.files = h("span.end");
    downloads(this.files, "tasks", () => this.params());
    const named = (id, title, ...children) => h("section", { "aria-labelledby": id }, h("h2", { id }, title), children);
    this.inner = h(
      "div",
      {},
      this.sentence,
      h("div.tools", {}, this.files),
      this.table.element,
      this.blanks,
      named("tasks-chart", "One task", h("div.controls", {}, h("div.wide", {}, this.drawn.element)), this.plot),
      named("tasks-about", "What the tasks are", this.about),
    );
    this.results = h("div.results");
    const rest = [...this.set.elements.slice(1), this.size.element, this.pooling.element, this.embedding];
    this.panel.append(options([this.kind.element, this.set.elements[0]], rest, narrowing.element));
    return [
      h("h1", {}, "Tasks"),
      h("p.lead", {}, "What models answered right where they were asked, and what their alignment lets one expect where they were not."),
      this.panel,
      h("div.tools", {}, this.notes.element, h("span.end", {}, copyLink())),
      this.results,
    ];
  }

  get estimated() {
    return this.kind.value !== "measured";
  }

  /** Estimates alone are made from alignment. */
  viewOf() {
    return this.estimated ? { embedding: this.views.params().embedding ?? "", pooling: this.pooling.value } : { embedding: "", pooling: "" };
  }

  params() {
    return { ...this.viewOf(), ...this.own(), task: undefined };
  }

  own() {
    const first = this.answer?.tasks[0]?.key;
    const drawn = this.drawn.value ?? "";
    return { ...this.set.params(), kind: this.estimated ? this.kind.value : "", max_parameters: this.size.value, task: drawn === first ? "" : drawn };
  }

  read(values) {
    const known = KINDS.some(({ value }) => value === values.kind);
    this.kind.set(known ? values.kind : "measured");
    if (values.kind && !known) this.bad.push(`kind=${values.kind}`);
    this.pooling.set(values.pooling ?? "");
    this.bad.push(...this.size.restore(values.max_parameters));
    this.set.restore(values);
  }

  offered(found, values) {
    this.set.offer(found);
    const unknown = this.set.restore(values);
    if (this.set.inUse()) this.fold.open = true;
    return unknown;
  }

  /** Estimates are made from alignment alone. */
  choosable(views) {
    return views.filter((view) => view.kind === "embedding");
  }

  answered() {
    return Boolean(this.answer);
  }

  /** A board without alignment may have tasks: the answer says what there is. */
  async offer(values, telling) {
    await super.offer(values, telling);
    this.empty.hidden = true;
  }

  /** Other numbers have other columns. */
  change() {
    state.set({ ...this.address(), ...NO_ORDER });
    return this.load(state.get());
  }

  async load(values) {
    this.inUse(this.set.inUse());
    this.pooling.element.hidden = this.embedding.hidden = !this.estimated;
    await net.into(this.results, "tasks", this.params(), (answer) => this.take(answer, values));
  }

  take(answer, given) {
    const values = given ?? (this.answer ? null : state.get());
    this.answer = answer;
    this.panel.hidden = !answer.tasks.length;
    if (!answer.tasks.length) return this.results.replaceChildren(none());
    if (!this.inner.parentElement) this.results.replaceChildren(this.inner);
    const { codes, unknown, absent } = answer.languages;
    if (unknown.length) {
      this.note(unknown.map((code) => `the language “${code}”`));
      if (this.set.learned(codes)) return void this.ask();
    }
    if (absent.length) this.note(absent.map((code) => `${code} (not measured)`));
    this.offerTasks(answer.tasks, values);
    this.sentence.replaceChildren(...sentence(answer, this.viewOf()));
    this.table.draw(answer, this.viewOf(), values);
    this.blanks.replaceChildren(...blanks(answer));
    this.about.replaceChildren(about(answer));
    return this.draw();
  }

  offerTasks(tasks, values) {
    this.drawn.options(tasks.map((task) => [task.key, task.label]));
    if (!values?.task) return;
    const found = tasks.find((task) => [task.key, task.task].includes(values.task));
    if (!found) this.note([`the task “${values.task}”`]);
    this.drawn.set(found?.key ?? tasks[0].key);
  }

  draw() {
    state.set({ task: this.own().task });
    const task = this.answer.tasks.find((each) => each.key === this.drawn.value);
    return dots(this.plot, this.answer, task);
  }
}
