// All languages: a map, what narrows it, and the table of each one's best model.
import { copyLink } from "./clipboard.js";
import { folded, select } from "./controls.js";
import { h, number, plural } from "./dom.js";
import { downloads } from "./downloads.js";
import { toAddress } from "./grid_state.js";
import { worldMap } from "./map.js";
import { modelSelect, fullName, meant } from "./model_select.js";
import * as net from "./net.js";
import { people, restoreOrder, scoreCell, shortened } from "./page_parts.js";
import * as state from "./state.js";
import { Grid } from "./table.js";

const SPEAKERS = [["", "any number"], ["100000", "100,000 or more"], ["1000000", "1 million or more"], ["10000000", "10 million or more"], ["100000000", "100 million or more"]];
const SORT = ["speakers", "desc"];
/** Keys of the address that are filters. */
const FILTERS = ["family", "script", "region", "speakers"];

const COLUMNS = [
  { key: "language", title: "Language", kind: "link" },
  { key: "autonym", title: "Own name" },
  { key: "best", title: "Best model", kind: "link" },
  { key: "score", title: "Alignment", kind: "number", digits: 3, heat: [0, 1], tooltip: "Of the best model, with its 95 % interval" },
  { key: "above_chance", title: "Above chance", kind: "number", tooltip: "Models that score above chance in it, of those measured" },
  { key: "tokens_ratio", title: "Tokens to English", kind: "number", digits: 2, first: "asc", tooltip: "Median over the models' tokenizers: 2 needs twice the tokens of the same text in English" },
  { key: "speakers", title: "Speakers", kind: "number", tooltip: "Estimate of the Unicode CLDR; blank for a variant, which has not all of its language's" },
  { key: "family", title: "Family" },
  { key: "script", title: "Script" },
  { key: "region", title: "Region" },
  { key: "code", title: "Code" },
];
const KEYS = [...COLUMNS.map((column) => column.key), "own"];

/** A variant has not all speakers of its language. */
const speakersOf = (row) => (row.counted ? row.speakers : null);

const distinct = (rows, key) => [...new Set(rows.map((row) => row[key]).filter(Boolean))].sort((a, b) => a.localeCompare(b));

function regions(rows) {
  const options = [["", "any"]];
  for (const continent of distinct(rows, "continent")) {
    options.push([continent, continent]);
    for (const name of distinct(rows.filter((row) => row.continent === continent), "region")) {
      if (name !== continent) options.push([name, `\u2003${name}`]);
    }
  }
  return options;
}

function scripts(rows) {
  const named = new Map(rows.map((row) => [row.script, row.script_name]));
  return [["", "any"], ...[...named].sort((a, b) => a[1].localeCompare(b[1])).map(([code, name]) => [code, name === code ? code : `${name} (${code})`])];
}

export class AllLanguages {
  /** @param {{viewOf: () => Record<string, string>, note: (parts: string[]) => void}} given */
  constructor({ viewOf, note }) {
    this.viewOf = viewOf;
    this.note = note;
    const onChange = () => this.filter();
    this.filters = {
      family: select({ label: "Family", name: "family", options: [["", "any"]], onChange }),
      script: select({ label: "Script", name: "script", options: [["", "any"]], onChange }),
      region: select({ label: "Region", name: "region", options: [["", "any"]], onChange }),
      speakers: select({ label: "Speakers at least", name: "speakers", options: SPEAKERS, onChange }),
    };
    this.model = modelSelect({ label: "Colour the map by", name: "map", none: "the best model of that size", onChange: (key) => this.colour(key) });
    this.sentence = h("p.sentence", { role: "status" });
    this.plot = h("div.map");
    this.table = h("div");
    this.files = h("span");
    downloads(this.files, "languages", () => this.params);
    const narrowing = folded("Fewer languages", h("div.controls", {}, Object.values(this.filters).map((control) => control.element)));
    this.inUse = narrowing.inUse;
    this.fold = narrowing.element;
    this.hint = h("p.hint.map-hint");
    this.inner = h("div", {}, this.sentence, this.plot, this.hint, h("div.tools", {}, h("span.end", {}, this.files), copyLink()), this.table);
    this.element = h("div.results");
  }

  /** @param {Record<string, string>} params of GET languages @param {Record<string, string>|null} values of the address */
  async show(params, values) {
    this.params = params;
    if (values) this.wanted = values.map ?? "";
    const models = net.get("models", this.viewOf()).then((answer) => answer.models);
    models.catch(() => {});
    await net.into(this.element, "languages", params, (answer) => this.take(answer, values));
    if (!this.answer) return;
    await models.then((found) => this.offer(found), () => {});
  }

  async offer(models) {
    this.models = models;
    this.model.offer(models);
    const found = this.wanted ? meant(this.wanted, models) : null;
    if (this.wanted && !found) this.note([`the model “${this.wanted}” on the map`]);
    state.set({ map: found?.model ?? "" });
    this.model.set(found?.model ?? "");
    if (found) await this.colour(found.model);
  }

  take(answer, given) {
    const values = given ?? (this.answer ? null : state.get());
    if (!this.inner.parentElement) this.element.append(this.inner);
    this.answer = answer;
    const rows = answer.languages;
    this.filters.family.options([["", "any"], ...distinct(rows, "family").map((name) => [name, name])]);
    this.filters.script.options(scripts(rows));
    this.filters.region.options(regions(rows));
    if (values) {
      const bad = [];
      for (const key of FILTERS) {
        this.filters[key].set(values[key] ?? "");
        if (values[key] && this.filters[key].value !== values[key]) bad.push(`${key}=${values[key]}`);
      }
      this.note(bad);
      state.set(this.chosen());
      this.begun = values;
      if (!values.map) this.own = null;
      if (FILTERS.some((key) => this.filters[key].value)) this.fold.open = true;
    }
    if (this.own && this.own.of !== this.ownOf()) this.own = null;
    this.draw();
  }

  /** What another model's scores depend on. */
  ownOf() {
    return JSON.stringify([this.viewOf(), this.params.pooling]);
  }

  /** The filters as the address has them. */
  chosen() {
    return Object.fromEntries(FILTERS.map((key) => [key, this.filters[key].value]));
  }

  filter() {
    state.set(this.chosen());
    this.draw();
  }

  /** Another model's scores on the map, and in a column of their own. */
  async colour(key) {
    this.wanted = key;
    state.set({ map: key });
    if (!key) {
      this.own = null;
      return this.draw();
    }
    return net.into(this.element, "scores", { ...this.viewOf(), model: key, pooling: this.params.pooling }, (answer) => {
      const pooling = answer.pooling;
      this.own = { of: this.ownOf(), model: answer.model, scores: new Map(answer.scores.map((score) => [score.language, score[pooling]])) };
      this.draw();
    });
  }

  kept() {
    const { family, script, region, speakers } = Object.fromEntries(FILTERS.map((key) => [key, this.filters[key].value]));
    const fits = (row) =>
      (!family || row.family === family) && (!script || row.script === script) && (!region || row.region === region || row.continent === region) && (!speakers || (speakersOf(row) ?? 0) >= Number(speakers));
    // Where an order leaves two level, a variant comes after the language itself.
    return this.answer.languages.filter(fits).sort((a, b) => b.counted - a.counted || a.name.localeCompare(b.name));
  }

  draw() {
    const rows = this.kept();
    const used = FILTERS.filter((key) => this.filters[key].value).length;
    this.inUse(used);
    this.say(rows);
    this.rows(rows);
    this.map(rows, used > 0);
  }

  say(rows) {
    const all = this.answer.languages.length;
    const covered = rows.filter((row) => row.best).length;
    const limit = this.params.max_parameters ? " of that size" : "";
    const of = rows.length < all ? `${number(rows.length)} of ${plural(all, "language")}` : plural(all, "language");
    this.sentence.replaceChildren(h("strong", {}, of), `: in ${number(covered)} of them some model${limit} scores above chance${covered < rows.length ? `; in the other ${number(rows.length - covered)} none does` : ""}.`);
  }

  rows(languages) {
    const keep = { ...this.viewOf(), pooling: this.params.pooling, max_parameters: this.params.max_parameters };
    const rows = languages.map((one) => ({
      language: { text: one.name, href: state.link({ page: "languages", language: one.language, ...keep }), title: one.counted ? one.language : `${one.language}: a variant, or not sound in this corpus; averages leave it out` },
      autonym: one.autonym,
      best: one.best && { text: one.best.name, href: state.link({ page: "model", model: one.best.model, language: one.language, ...this.viewOf(), pooling: this.params.pooling }), title: one.best.model },
      score: scoreCell(one.best),
      own: this.own ? scoreCell(this.own.scores.get(one.language)) : null,
      above_chance: one.models ? { value: one.above_chance, text: `${one.above_chance} of ${one.models}` } : null,
      tokens_ratio: one.tokens_ratio,
      speakers: speakersOf(one) ? { value: one.speakers, text: people(one.speakers), title: `about ${number(one.speakers)}` } : null,
      family: one.family,
      script: { text: one.script_name, title: one.script },
      region: one.region,
      code: one.language,
    }));
    const columns = [...COLUMNS];
    if (this.own) columns.splice(4, 0, { key: "own", title: shortened(this.own.model.name, 24), kind: "number", digits: 3, heat: [0, 1], tooltip: `Alignment of ${fullName(this.own.model)}, with its 95 % interval` });
    const given = { columns, rows, noun: "languages", sort: SORT, name: "Languages and the best model of each", empty: "No language passes the filters" };
    if (this.grid) this.grid.update(given);
    else this.grid = new Grid(this.table, { ...given, onState: (now) => state.set(toAddress(now, { sort: SORT })) });
    if (this.begun) restoreOrder(this.grid, this.begun, KEYS, { sort: SORT });
    this.begun = null;
  }

  map(rows, filtered) {
    const placed = rows.filter((one) => one.latitude !== null && one.longitude !== null);
    const points = placed.map((one) => ({
      ...one,
      score: this.own ? (this.own.scores.get(one.language) ?? null) : one.best,
      model: this.own ? this.own.model.name : (one.best?.name ?? ""),
    }));
    const left = rows.length - placed.length;
    const hint = matchMedia("(pointer: coarse)").matches ? "Fewer languages also bring the map closer." : "Click a language to open it; drag a box to look closer, double-click to step back.";
    this.hint.textContent = `${hint}${left ? ` ${plural(left, "language")} without a known place ${left === 1 ? "is" : "are"} not on the map.` : ""}`;
    const what = this.own ? `the alignment of ${this.own.model.name}` : "the alignment of the best model";
    const keep = { ...this.viewOf(), pooling: this.params.pooling, max_parameters: this.params.max_parameters };
    const onClick = (code) => state.go(state.link({ page: "languages", language: code, ...keep }));
    worldMap(this.plot, points, { filtered, what, onClick }).catch((error) => net.failed(this.plot, error, () => this.map(rows, filtered)));
  }
}
