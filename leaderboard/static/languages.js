// Languages: start from a language, or see all of them with the best model of each.
import { choice, select } from "./controls.js";
import { h, size } from "./dom.js";
import { find, languagePicker } from "./language_picker.js";
import { LanguageView } from "./language_view.js";
import { AllLanguages } from "./languages_table.js";
import * as net from "./net.js";
import { NO_ORDER, NO_VIEW, POOLINGS, notes, nothing, pooled } from "./page_parts.js";
import { board } from "./shell.js";
import * as state from "./state.js";
import { viewControls } from "./views.js";

const SIZES = [["", "no limit"], ...[5e8, 1e9, 3e9, 8e9, 14e9, 70e9].map((most) => [String(most), `up to ${size(most).replace("500 M", "0.5 B")}`])];
const RANKED = [["group", "within the same weights and dtype"], ["all", "across all"]];

export async function mount(element) {
  const page = new Languages();
  element.append(...page.parts());
  return page;
}

class Languages {
  constructor() {
    this.views = viewControls(() => this.ask());
    this.picker = languagePicker({
      label: "Find a language",
      many: false,
      placeholder: "Swahili, kiswahili, swh, Kenya …",
      languages: () => net.get("languages", this.views.params()).then((answer) => answer.languages),
      onChange: ([code]) => this.choose(code ?? ""),
    });
    this.size = select({ label: "Models", name: "max_parameters", options: SIZES, onChange: () => this.ask() });
    this.pooling = choice({ label: "Layer pooling", name: "pooling", options: POOLINGS, value: "mean", onChange: () => this.ask() });
    this.ranked = select({ label: "Rank", name: "ranked", options: RANKED, onChange: () => this.ask() });
    this.notes = notes();
    this.bad = [];
    const note = (parts) => this.note(parts);
    this.one = new LanguageView({ onAll: () => this.choose("") });
    this.all = new AllLanguages({ viewOf: () => this.views.params(), note });
  }

  parts() {
    this.empty = h("div", { hidden: true }, nothing());
    const controls = h("div.controls", {}, this.size.element, this.pooling.element, this.ranked.element, this.all.model.element, this.views.elements);
    return [
      h("h1", {}, "Start from a language"),
      h("p.lead", {}, "Which models understand it, how sure that is, and how many more tokens they need for it than for English."),
      h("section.panel", { "aria-label": "Choose" }, h("div.finder", {}, this.picker.element), controls, this.all.fold),
      this.notes.element,
      this.empty,
      this.one.element,
      this.all.element,
    ];
  }

  note(parts) {
    this.bad.push(...parts);
    this.notes.say(this.bad);
  }

  async show(values) {
    this.bad = [];
    this.pooling.set(pooled(values, this.bad));
    this.setSize(values.max_parameters);
    this.ranked.set(values.ranked === "all" ? "all" : "group");
    if (values.ranked && values.ranked !== this.ranked.value) this.bad.push(`ranked=${values.ranked}`);
    this.views.restore(values);
    await this.offer(values, true);
    this.language = values.language ?? "";
    await this.load(values);
    // What was not understood is said once, and is then no longer in the address.
    if (this.bad.length) state.set(this.address());
    this.notes.say(this.bad);
  }

  setSize(text) {
    const most = /^\d{1,15}$/.test(text ?? "") ? text : "";
    if (text && !most) this.bad.push(`max_parameters=${text}`);
    const own = most && !SIZES.some(([value]) => value === most);
    this.size.options(own ? [...SIZES, [most, `up to ${size(Number(most))}`]] : SIZES);
    this.size.set(most);
  }

  async offer(values, telling) {
    const found = await board().catch(() => null);
    if (!found) return;
    this.views.offer(found.views);
    const unknown = this.views.restore(values);
    if (telling) this.bad.push(...unknown);
    this.empty.hidden = found.views.length > 0;
  }

  async refresh() {
    await this.offer(state.get(), false);
    return this.load(null);
  }

  params() {
    return { ...this.views.params(), pooling: this.pooling.value === "max" ? "max" : "", max_parameters: this.size.value };
  }

  address() {
    return { ...NO_VIEW, ...this.params(), ranked: this.ranked.value === "all" ? "all" : "", language: this.language };
  }

  ask() {
    state.set(this.address());
    return this.load(null);
  }

  choose(code) {
    this.language = code;
    state.set({ language: code, ...NO_ORDER }, { push: true });
    return this.load(state.get());
  }

  async load(values) {
    const empty = !this.empty.hidden;
    const known = this.language && !empty ? await this.find() : "";
    this.one.element.hidden = empty || !known;
    this.all.element.hidden = empty || Boolean(known);
    this.ranked.element.hidden = !known;
    this.all.model.element.hidden = this.all.fold.hidden = Boolean(known);
    if (this.picker.value.join() !== known) this.picker.set(known ? [known] : []);
    if (empty) return;
    if (known) await this.one.show({ ...this.params(), language: known, ranked: this.ranked.value === "all" ? "all" : "" }, values);
    else await this.all.show(this.params(), values);
  }

  /** The code of the language that the address names, by a code or an exact name. */
  async find() {
    const asked = this.language;
    const languages = await net.get("languages", this.views.params()).then((answer) => answer.languages, () => null);
    if (!languages) return asked;
    const found = languages.find((one) => one.language === asked) ?? exactly(asked, languages);
    if (found) return found.language;
    this.note([`the language “${asked}”`]);
    this.language = "";
    return "";
  }
}

/** A language by its name or short code; where several share it, the one with most speakers. */
function exactly(text, languages) {
  const found = find(text, languages);
  const plain = text.toLowerCase();
  const same = found.filter((one) => [one.iso, one.name, one.autonym].some((name) => name?.toLowerCase() === plain));
  return same.sort((a, b) => (b.speakers ?? 0) - (a.speakers ?? 0))[0];
}
