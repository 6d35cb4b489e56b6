// Models: which one understands the languages that somebody needs.
import { copyLink } from "./clipboard.js";
import { compareTray } from "./compare_tray.js";
import { checks, choice } from "./controls.js";
import { h } from "./dom.js";
import { downloads } from "./downloads.js";
import { fromAddress, toAddress } from "./grid_state.js";
import { languagePicker } from "./language_picker.js";
import * as table from "./models_columns.js";
import { filterControls } from "./models_controls.js";
import * as filter from "./models_filters.js";
import { columnsMenu } from "./models_menu.js";
import { besideShown, panel } from "./models_panel.js";
import { chips, sentence } from "./models_sentence.js";
import { NARROWING, languageSet } from "./models_set.js";
import * as net from "./net.js";
import { NO_VIEW, SHOWN } from "./page_parts.js";
import { clear as clearPlot } from "./plot.js";
import { ranges, unpack } from "./ranks.js";
import { board } from "./shell.js";
import * as state from "./state.js";
import { Grid } from "./table.js";
import { viewControls } from "./views.js";

const NOTHING = { view: null, languages: { codes: [], said: "", unknown: [] }, models: [], better: "", shown: [] };
const CHECKED = ["view", "corpus", "embedding", "pivot", "score", "noise", ...NARROWING];

export async function mount(element) {
  const page = new Models(element);
  element.append(...page.parts());
  return page;
}

class Models {
  constructor(element) {
    this.element = element;
    this.picked = new Set();
    this.filters = filter.parse({}).filters;
    this.keys = table.ofPreset("overview");
    this.languages = async () => {
      await this.offered;
      return this.board?.views.length === 0 ? [] : (await net.get("languages", this.views.params())).languages;
    };
    this.views = viewControls(() => this.ask());
    this.shown = languagePicker({ label: "Languages to show", languages: this.languages, onChange: (codes) => this.showLanguages(codes) });
    this.set = languageSet({ languages: this.languages, shown: () => this.shown.value, twin: true, onChange: () => this.ask() });
    const name = (code) => this.answer?.shown.find((one) => one.language === code)?.name ?? code;
    this.beside = besideShown(() => this.shown.value, this.set, { asked: () => this.asked(), name });
    this.pooling = choice({ label: "Layer pooling", name: "pooling", options: [["mean", "mean"], ["max", "max"]], value: "mean", onChange: () => this.ask() });
    this.controls = filterControls((change) => this.refine(change));
    this.columns = checks({ label: "Columns", name: "columns", options: table.CHOICES, value: this.keys, onChange: (keys) => this.choose(keys) });
    this.tray = compareTray(this.picked, (key) => this.model(key)?.name ?? key, () => this.pick(true), () => ({ ...this.asked(), ...this.set.params() }));
  }

  parts() {
    for (const control of [this.shown, this.controls.size]) control.element.classList.add("wide");
    this.shown.element.append(this.beside.element);
    const others = [...this.set.elements, ...this.views.elements];
    const filters = panel({ shown: this.shown.element, size: this.controls.size.element, others, more: this.moreFilters() });
    this.inUse = filters.inUse;
    const presets = table.PRESETS.map(([key, label]) => h("button.button", { type: "button", onclick: () => this.choose(table.ofPreset(key), key) }, label));
    this.presets = Object.fromEntries(table.PRESETS.map(([key], i) => [key, presets[i]]));
    this.toggle = h("button.button", { type: "button", "aria-pressed": "false", onclick: () => this.showChart(!this.charted, true) }, "Chart");
    this.notes = h("p.hint.notes", { role: "status" });
    this.sentence = h("p.sentence");
    this.chips = h("ul.chips.in-use", { "aria-label": "Filters in use", hidden: true });
    this.count = h("span", { role: "status" });
    this.plot = h("div.chart", { hidden: true });
    this.table = h("div");
    this.files = h("span");
    downloads(this.files, "models", () => ({ ...this.params(), ...filter.write(this.filters) }));
    const tools = h("div.tools", {}, h("span.presets", { role: "group", "aria-label": "Columns shown" }, presets), columnsMenu(this.columns.element), this.toggle, h("span.end", {}, this.files), copyLink());
    this.inner = h("div", {}, this.sentence, this.chips, tools, this.plot, this.table);
    this.results = h("div.results", {}, this.inner);
    return [
      h("h1", {}, "Which open language model works in your language?"),
      h("p.lead", {}, "How well each language lines up with English inside a model, measured on parallel sentences: 0 is not at all, 1 is every sentence. Grey italics are no better than chance. ", h("a", { href: "?page=about#reading" }, "How to read it"), "."),
      filters.element,
      this.notes,
      this.results,
      this.tray.element,
    ];
  }

  moreFilters() {
    return [h("div.controls", {}, this.pooling.element, this.controls.ranked, this.set.narrowing, this.controls.ends), this.controls.lists, this.resetButton()];
  }

  resetButton() {
    return h("button.button", { type: "button", onclick: () => this.reset() }, "Reset");
  }

  model(key) {
    return this.answer?.models.find((model) => model.model === key);
  }

  /** View and pooling, for the API and for links. */
  asked() {
    return { ...this.views.params(), pooling: this.pooling.value === "max" ? "max" : "" };
  }

  /** What the API is asked. */
  params() {
    return { ...this.asked(), ...this.set.params(), show: this.shown.value.join(",") };
  }

  async show(values) {
    this.noted = new Set();
    this.note([]);
    const { filters, bad } = filter.parse(values);
    this.filters = filters;
    this.keys = table.chosenColumns(values.columns);
    this.pooling.set(values.pooling === "max" ? "max" : "mean");
    this.picked.clear();
    for (const key of (values.picked ?? "").split(",").filter(Boolean).slice(0, 6)) this.picked.add(key);
    this.offered = board().then((found) => this.offer(found, values), () => []);
    this.shown.set((values.show ?? "").split(",").map((code) => code.trim()).filter(Boolean).slice(0, 40));
    this.views.restore(values);
    this.set.restore(values);
    this.begun = values;
    this.charted = values.chart === "1";
    this.controlsFollow();
    this.offered.then((unknown) => this.note([...bad, ...unknown]));
    // What may be nonsense, and whether there is anything, is known once the board has said it.
    if (CHECKED.some((key) => values[key]) || !this.answer) await this.offered;
    await this.load();
    if (state.page() === "models" && this.begun === null && this.grid) this.write();
  }

  /** The whole address as it is understood, so that what was not is no longer in it. */
  write() {
    state.set({
      ...NO_VIEW,
      ...this.params(),
      ...filter.write(this.filters),
      ...toAddress(this.grid.state(), { sort: [this.pooling.value, "desc"] }),
      columns: table.writeColumns(this.keys),
      chart: this.charted ? "1" : "",
      picked: [...this.picked].join(","),
    });
  }

  offer(found, values) {
    this.board = found;
    this.views.offer(found.views);
    this.set.offer(found);
    return [...new Set([...this.views.restore(values), ...this.set.restore(values)])];
  }

  async refresh() {
    await board().then((found) => this.offer(found, state.get()), () => {});
    await this.load();
  }

  /** Something that the server must answer has changed. */
  ask() {
    if (!this.answer?.languages.unknown?.length) this.noted?.clear();
    state.set({ ...NO_VIEW, ...this.params() });
    this.used();
    return this.load();
  }

  load() {
    if (this.board?.views.length === 0) return this.take(NOTHING);
    return net.into(this.results, "models", this.params(), (answer) => this.take(answer));
  }

  take(answer) {
    this.answer = answer;
    this.better = unpack(answer.better, answer.models.length);
    const { unknown = [], absent = [], codes } = answer.languages;
    this.note([...unknown.map((each) => `“${each}”`), ...absent.map((code) => `${code} (not in this corpus)`)]);
    if (this.set.learned(codes)) return void this.ask();
    const names = answer.shown ?? [];
    if (names.length !== this.shown.value.length || names.some((each) => !this.shown.value.includes(each.language))) {
      this.shown.set(names.map((each) => each.language));
    }
    this.set.sized(this.views.view()?.sets);
    this.controls.offer(answer.models, this.filters);
    this.draw(this.grid === undefined);
  }

  note(parts) {
    for (const part of parts) this.noted.add(part);
    this.notes.textContent = this.noted.size ? `Not known here and left out: ${[...this.noted].join(", ")}.` : "";
  }

  /** A filter that runs here has changed. */
  refine(change) {
    Object.assign(this.filters, change);
    state.set(filter.write(this.filters));
    this.controlsFollow();
    if (this.answer) this.draw();
  }

  reset() {
    Object.assign(this.filters, filter.parse({}).filters);
    state.set({ ...filter.write(this.filters), family: "", script: "", region: "", speakers: "", pooling: "" });
    this.set.clear();
    this.pooling.set("mean");
    this.controlsFollow();
    return this.ask();
  }

  controlsFollow() {
    this.controls.show(this.filters);
    this.used();
  }

  used() {
    this.inUse(this.controls.inUse(this.filters) + this.set.inUse() + (this.pooling.value === "max"));
  }

  showLanguages(codes) {
    if (codes.length && !this.keys.includes("LANGUAGES")) this.keys = [...this.keys, "LANGUAGES"];
    state.set({ columns: table.writeColumns(this.keys) });
    this.ask();
  }

  choose(keys, preset) {
    this.keys = keys;
    state.set({ columns: table.writeColumns(keys) });
    this.markColumns();
    if (preset === "languages" && !this.shown.value.length) {
      this.shown.set(SHOWN);
      this.ask();
    } else if (this.grid) this.grid.showColumns(this.columnsNow().filter((column) => !column.hidden).map((column) => column.key));
  }

  markColumns() {
    this.columns.set(this.keys);
    const now = table.writeColumns(this.keys) || "overview";
    for (const [key, button] of Object.entries(this.presets)) button.setAttribute("aria-pressed", String(key === now));
  }

  columnsNow() {
    return table.columns(this.keys, this.answer.shown, this.pooling.value);
  }

  draw() {
    const { models } = this.answer;
    const pooling = this.pooling.value;
    this.left = models.map((_, place) => place).filter((place) => filter.passes(models[place], this.filters));
    const ranked = this.left.filter((place) => models[place][pooling] && !models[place].missing);
    const group = this.filters.ranked === "all" ? undefined : (place) => `${models[place].weights}|${models[place].dtype}`;
    const rank = ranges(this.better, ranked, group);
    const cell = group ? table.rankCells(rank, models) : (place) => table.rankCell(rank.get(place));
    const asked = this.asked();
    const rows = this.left.map((place) => table.row(models[place], cell(place), asked));
    const columns = this.columnsNow();
    const sort = [pooling, "desc"];
    const empty = "No model passes the filters";
    this.markColumns();
    this.element.classList.toggle("bare", !models.length);
    this.element.classList.toggle("no-languages", !this.answer.languages.codes.length);
    this.beside.follow();
    this.say(ranked.length);
    if (!models.length && !this.grid) return;
    if (this.grid) this.grid.update({ columns, rows, sort, empty });
    else {
      const keys = columns.map((column) => column.key);
      const { sort: first, ...rest } = fromAddress(this.begun, keys, { sort });
      const given = { columns, rows, noun: "models", name: "Models and their averages", empty, picked: this.picked };
      this.grid = new Grid(this.table, { ...given, ...rest, sort: first, onPick: () => this.pick(), onState: (now) => state.set(toAddress(now, { sort: [this.pooling.value, "desc"] })) });
      this.grid.view.sort = sort;
      this.begun = null;
    }
    if (this.begun) this.grid.restore(fromAddress(this.begun, columns.map((column) => column.key), { sort }));
    this.begun = null;
    this.pick(true);
    this.showChart(this.charted);
  }

  say(ranked) {
    const what = { pooling: this.pooling.value, ranked, across: this.filters.ranked === "all", count: this.count, reset: this.resetButton() };
    this.sentence.replaceChildren(...sentence(this.answer, this.left, what));
    const here = filter.inUse(this.filters).map(({ text, change }) => ({ text, remove: () => this.refine(change) }));
    chips(this.chips, [...here, ...this.set.narrowed()]);
  }

  pick(drawn = false) {
    if (drawn) this.grid?.showPicked();
    state.set({ picked: [...this.picked].join(",") });
    this.tray.draw();
  }

  async showChart(on, clicked = false) {
    this.charted = on;
    this.toggle.setAttribute("aria-pressed", String(on));
    this.plot.hidden = !on;
    if (clicked) state.set({ chart: on ? "1" : "" });
    if (!on) return clearPlot(this.plot);
    const { chart } = await import("./models_chart.js");
    if (!this.charted) return;
    const shown = this.left.map((place) => this.answer.models[place]);
    await chart(this.plot, shown, this.pooling.value, this.asked()).catch((error) => net.failed(this.plot, error, () => this.showChart(true)));
  }
}
