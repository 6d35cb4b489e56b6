// Languages: start from a language, or see all of them with the best model of each.
import { select } from "./controls.js";
import { h } from "./dom.js";
import { find, languagePicker } from "./language_picker.js";
import { LanguageView } from "./language_view.js";
import { AllLanguages } from "./languages_table.js";
import * as net from "./net.js";
import { NO_ORDER, options, title } from "./page_parts.js";
import { ReadPage } from "./read_page.js";
import { sizeLimit } from "./size_limit.js";
import * as state from "./state.js";

const NO_FILTERS = { kind: "", licence: "" };
const RANKED = [["group", "within the same weights and dtype"], ["all", "across all"]];

export async function mount(element) {
  const page = new Languages();
  element.append(...page.parts());
  return page;
}

class Languages extends ReadPage {
  constructor() {
    super();
    this.picker = languagePicker({
      label: "Find a language",
      many: false,
      placeholder: "Swahili, kiswahili, swh, Kenya …",
      languages: () => net.get("languages", this.views.params()).then((answer) => answer.languages),
      onChange: ([code]) => this.choose(code ?? ""),
    });
    this.size = sizeLimit(() => this.ask());
    this.ranked = select({ label: "Rank", name: "ranked", options: RANKED, onChange: () => this.ask() });
    const note = (parts) => this.note(parts);
    this.one = new LanguageView({ onAll: () => this.choose(""), note, onFilter: () => state.set(this.own()) });
    this.all = new AllLanguages({ viewOf: () => this.views.params(), note });
  }

  parts() {
    const rest = [this.pooling.element, this.ranked.element, this.all.model.element, ...this.views.elements];
    this.panel.append(h("div.finder", {}, this.picker.element), options([this.size.element], rest, this.one.filters.element, this.all.fold));
    return [
      h("h1", {}, "Start from a language"),
      h("p.lead", {}, "Which models score above chance in it, how sure that is, and how many more tokens they need for it than for English."),
      this.panel,
      this.notes.element,
      this.empty,
      this.one.element,
      this.all.element,
    ];
  }

  read(values) {
    this.bad.push(...this.size.restore(values.max_parameters));
    this.ranked.set(values.ranked === "all" ? "all" : "group");
    if (values.ranked && values.ranked !== this.ranked.value) this.bad.push(`ranked=${values.ranked}`);
    this.language = values.language ?? "";
    this.one.filters.restore(this.language ? values : {});
  }

  params() {
    return { ...this.viewOf(), max_parameters: this.size.value };
  }

  own() {
    return { max_parameters: this.size.value, ranked: this.ranked.value === "all" ? "all" : "", language: this.language, ...(this.language ? this.one.filters.chosen() : NO_FILTERS) };
  }

  choose(code) {
    this.language = code;
    if (!code) this.one.filters.restore({});
    state.set({ language: code, ...(code ? {} : NO_FILTERS), ...NO_ORDER }, { push: true });
    return this.load(state.get());
  }

  async load(values) {
    const empty = this.bare();
    const known = this.language && !empty ? await this.find() : "";
    this.one.element.hidden = empty || !known;
    this.all.element.hidden = empty || Boolean(known);
    this.ranked.element.hidden = this.one.filters.element.hidden = !known;
    if (!known) title("languages", "Languages");
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
  return same.sort((a, b) => b.counted - a.counted || (b.speakers ?? 0) - (a.speakers ?? 0))[0];
}
