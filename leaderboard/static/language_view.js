// One language: what it is, which models score above chance in it, and what their tokenizers make it cost.
import { copyLink } from "./clipboard.js";
import { h, number, plural, size } from "./dom.js";
import { downloads } from "./downloads.js";
import { forecasts } from "./forecast.js";
import { toAddress } from "./grid_state.js";
import { ModelFilters, ranked } from "./language_models.js";
import * as net from "./net.js";
import { COLOURS, clear } from "./plot.js";
import { GREY, chart, lang, literal, narrow, range, restoreOrder, said, scoreCell, shortened, title, withLegend } from "./page_parts.js";
import * as state from "./state.js";
import { Grid } from "./table.js";

/** An alignment under which even the best model has hardly any of the language. */
const LITTLE = 0.1;
const MOST = 20;
const COUNTRIES = 8;

const columns = (pooling) => {
  const other = pooling === "mean" ? "max" : "mean";
  return [
    { key: "model", title: "Model", kind: "link" },
    { key: pooling, title: `Alignment, ${pooling}`, kind: "number", digits: 3, heat: [0, 1], tooltip: "With its 95 % interval" },
    { key: "rank", title: "Rank", kind: "number", first: "asc", tooltip: "1 + models significantly better, to N − models significantly worse; models at chance are last and tied" },
    { key: other, title: `Alignment, ${other}`, kind: "number", digits: 3, tooltip: "With its 95 % interval" },
    { key: "parameters", title: "Size", kind: "number", first: "asc" },
    { key: "licence", title: "Licence" },
    { key: "kind", title: "Kind" },
    { key: "chance", title: "Chance", kind: "number", digits: 3, tooltip: "What 95 % of random pairings stay below" },
    { key: "tokens_ratio", title: "Tokens to English", kind: "number", digits: 2, first: "asc", tooltip: "Tokens that the language needs, over those of the same text in English: 2 costs twice as much" },
    { key: "weights", title: "Weights" },
    { key: "dtype", title: "Dtype" },
    { key: "best_layer", title: "Best layer", kind: "number", digits: 0, tooltip: "0 is the embedding" },
  ];
};
const KEYS = columns("mean").map((column) => column.key);

/**
 * What is known of a language, as a list of facts.
 * @param {object} one as the API writes it @param {boolean} counted false for a variant: the speakers are those of the whole language
 */
export function facts(one, counted) {
  const countries = (one.countries ?? []).map((country) => country.name);
  const more = countries.length - COUNTRIES;
  const rows = [
    ["Own name", one.autonym && h("span", { dir: "auto", lang: lang(one.iso) }, one.autonym)],
    ["Code", h("code", {}, one.language)],
    ["Family", one.family],
    ["Script", one.script_name],
    ["Countries", countries.length ? `${countries.slice(0, COUNTRIES).join(", ")}${more > 0 ? ` and ${more} more` : ""}` : null],
    ["Region", one.region],
    ["Speakers", one.speakers ? `about ${number(one.speakers)}${counted ? "" : ", of all its variants"}` : "not known"],
  ];
  return h("dl.facts", {}, rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

export class LanguageView {
  /**
   * @param {{onAll: () => void, note: (parts: string[]) => void, onFilter: () => void}} given onAll: somebody
   *   wants all languages again; onFilter: the filters by kind and licence moved
   */
  constructor({ onAll, note, onFilter }) {
    this.note = note;
    this.filters = new ModelFilters(() => {
      onFilter();
      if (this.answer) this.draw(this.answer, null);
    });
    this.head = h("h2.language-head");
    this.facts = h("div.facts-of-language");
    this.sentence = h("p.sentence", { role: "status" });
    this.plot = h("div");
    this.drawn = h("p.hint");
    this.table = h("div.ranking");
    this.forecasts = h("section.forecasts", { "aria-label": "Forecasts" });
    this.files = h("span");
    downloads(this.files, "scores", () => this.params);
    const back = h("button.button", { type: "button", onclick: onAll }, "All languages");
    this.tasks = h("a.away");
    const tools = h("div.tools", {}, back, this.tasks, h("span.end", {}, this.files), copyLink());
    this.inner = h("div", {}, this.head, this.sentence, h("div.beside", {}, this.facts, h("div", {}, this.plot, this.drawn)), tools, this.table, this.forecasts);
    this.element = h("div.results");
  }

  /**
   * @param {Record<string, string>} params of GET scores, with `language`
   * @param {Record<string, string>|null} values of the address, where the table's order is to follow it
   */
  show(params, values) {
    this.params = params;
    return net.into(this.element, "scores", params, (answer) => {
      this.answer = answer;
      this.note(this.filters.offer(answer.scores, !params.max_parameters));
      this.draw(answer, values);
      const small = ({ parameters }) => !params.max_parameters || (parameters !== null && parameters <= Number(params.max_parameters));
      forecasts(this.forecasts, { ...this.viewOf(), language: params.language }, "language", this.viewOf(), small);
    });
  }

  draw(answer, values) {
    if (!this.inner.parentElement) this.element.append(this.inner);
    const { language: one, pooling } = answer;
    const left = ranked(answer, (score) => this.filters.passes(score));
    const { scores } = left;
    title("languages", one.name);
    const own = one.autonym && one.autonym !== one.name ? [" ", h("span.autonym", { dir: "auto", lang: lang(one.iso) }, one.autonym)] : [];
    this.head.replaceChildren(one.name, ...own);
    this.facts.replaceChildren(facts(one, answer.counted));
    this.tasks.textContent = `Tasks in ${one.name}`;
    this.tasks.href = state.link({ page: "tasks", languages: one.language });
    this.filters.inUse(Object.values(this.filters.chosen()).filter(Boolean).length);
    this.say(answer, left);
    this.rows(answer, left, values);
    this.drawn.textContent = scores.length > MOST ? `The chart shows the best ${MOST} of ${plural(scores.length, "model")}; the table has all.` : "";
    this.dots(scores.slice(0, MOST), one, pooling, scores.length);
  }

  say({ language: one, pooling, counted, view }, { scores, tied }) {
    const words = this.filters.words();
    const limit = [this.params.max_parameters ? ` up to ${size(Number(this.params.max_parameters))}` : "", words ? ` (${words})` : ""].join("");
    const above = scores.filter((score) => !score[pooling].at_chance);
    const parts = [];
    if (!scores.length) parts.push(`No model${limit} was measured in ${one.name}.`);
    else {
      const verb = above.length > 1 ? "score" : "scores";
      parts.push(h("strong", {}, `${above.length || "None"} of ${plural(scores.length, "model")}`), `${limit} ${verb} above chance in ${one.name}`);
    }
    if (above.length) {
      const best = above[0];
      const score = best[pooling];
      const ends = range(score);
      parts.push("; best: ", this.link(best), ` (${number(score.value, 3)}${ends && `, ${ends}`})`, ...this.besides(best, tied), ".");
      if (score.value < LITTLE) parts.push(` A score of ${number(score.value, 3)} is little: 1 would be every segment.`);
      if (best.tokens_ratio) parts.push(` The tokenizer of ${best.name} needs ${number(best.tokens_ratio, 1)} times as many tokens as for ${view.pivot === "eng_Latn" ? "English" : view.pivot}.`);
    } else if (scores.length) parts.push(".");
    if (!counted) parts.push(" It is a variant or is not sound in this corpus: averages leave it out.");
    this.sentence.replaceChildren(...parts);
  }

  link(score) {
    return h("a", { href: state.link({ page: "model", model: score.model, language: this.params.language, ...this.viewOf() }), dir: "auto" }, score.name);
  }

  /** The models that the best is not significantly better than, across all weights and dtypes. */
  besides(best, tied) {
    if (!tied.length) return [];
    const parts = ["; ", plural(tied.length, "other"), " cannot be told apart from it"];
    const known = tied.filter((score) => score.parameters).sort((a, b) => a.parameters - b.parameters);
    const least = known[0];
    if (!least) return parts;
    if (best.parameters && least.parameters >= best.parameters) return [...parts, tied.length > 1 ? ", none of them smaller" : ", and it is not smaller"];
    return [...parts, tied.length > 1 ? ", the smallest is " : ", ", this.link(least), ` (${size(least.parameters)})`];
  }

  viewOf() {
    const { corpus, embedding, pivot, score, noise, pooling } = this.params;
    return { corpus, embedding, pivot, score, noise, pooling };
  }

  rows({ pooling, language, ranked: how }, { scores, rank }, values) {
    const rows = scores.map((score) => ({
      rank: rank.get(score),
      model: { text: score.name, href: state.link({ page: "model", model: score.model, language: language.language, ...this.viewOf() }), title: `${score.id}, revision ${score.revision.slice(0, 12)}` },
      mean: scoreCell(score.mean),
      max: scoreCell(score.max),
      chance: score[pooling].chance,
      tokens_ratio: score.tokens_ratio,
      parameters: score.parameters ? { value: score.parameters, text: size(score.parameters), title: `${number(score.parameters)} parameters` } : null,
      licence: score.licence,
      kind: score.kind,
      weights: score.weights,
      dtype: score.dtype,
      best_layer: score.best_layer,
    }));
    const sort = [pooling, "desc"];
    const at = values ?? (this.grid ? null : state.get());
    const caption = `Models in ${language.name}. Ranks are ${how === "all" ? "across all weights and dtypes" : "among the same weights and dtype"}; grey italics are no better than chance.`;
    const given = { columns: columns(pooling), rows, noun: "models", caption, sort, empty: "No model that passes the filters was measured in this language" };
    if (!this.grid) {
      this.grid = new Grid(this.table, { ...given, page: 25, onState: (now) => state.set(toAddress(now, { sort: [this.params.pooling || "mean", "desc"], page: 25 })) });
    } else this.grid.update(given);
    if (at) restoreOrder(this.grid, at, KEYS, { sort, page: 25 });
  }

  dots(scores, one, pooling, all) {
    const small = narrow();
    const at = scores.map((_, i) => i);
    const text = (score) => `<b>${literal(score.name)}</b><br>${size(score.parameters)} ${literal(score.weights)} · ${literal(score.dtype)}<br>${said(score[pooling])}${score[pooling].at_chance ? "<br>at chance" : ""}`;
    const side = (score, end) => (score[pooling][end] === null ? 0 : Math.abs(score[pooling][end] - score[pooling].value));
    const points = (mine, name, colour, symbol) => ({
      type: "scatter",
      mode: "markers",
      cliponaxis: false,
      name,
      x: mine.map((i) => scores[i][pooling].value),
      y: mine,
      error_x: { type: "data", symmetric: false, array: mine.map((i) => side(scores[i], "high")), arrayminus: mine.map((i) => side(scores[i], "low")), color: colour, thickness: 1.5, width: 0 },
      marker: { color: colour, symbol, size: 9, line: { width: 1.5, color: colour } },
      text: mine.map((i) => text(scores[i])),
      customdata: mine.map((i) => scores[i].model),
      hovertemplate: "%{text}<extra></extra>",
    });
    const chance = {
      type: "scatter",
      mode: "markers",
      name: "chance level",
      x: scores.map((score) => score[pooling].chance),
      y: at,
      marker: { symbol: "line-ns", size: 13, line: { width: 2, color: COLOURS[1] } },
      hovertemplate: "chance: 95 % of random pairings stay below %{x:.3f}<extra></extra>",
    };
    const above = at.filter((i) => !scores[i][pooling].at_chance);
    const below = at.filter((i) => scores[i][pooling].at_chance);
    const traces = [
      ...(above.length ? [points(above, "alignment with 95 % interval", COLOURS[0], "circle")] : []),
      ...(below.length ? [points(below, "no better than chance", GREY, "circle-open")] : []),
      chance,
    ];
    if (!scores.length) return clear(this.plot);
    const layout = {
      ...withLegend(70 + 24 * scores.length, traces.length),
      xaxis: { title: { text: `alignment, ${pooling}` }, rangemode: "tozero" },
      yaxis: { tickvals: at, ticktext: scores.map((score) => literal(shortened(score.name, small ? 18 : 40))), range: [scores.length - 0.4, -0.6], showgrid: false, zeroline: false },
      dragmode: false,
    };
    const first = all > scores.length ? `the best ${scores.length} of ${all} models` : plural(all, "model");
    const range_ = range(scores[0][pooling]);
    const description = `Alignment of ${first} in ${one.name} with intervals and the chance level; the best is ${scores[0].name}, ${number(scores[0][pooling].value, 3)}${range_ && `, ${range_}`}. The table below holds the same numbers.`;
    return chart(this.plot, traces, layout, {
      name: `mexa-${one.language}`,
      description,
      onClick: (point) => point.customdata && state.go(state.link({ page: "model", model: point.customdata, ...this.viewOf() })),
    });
  }
}
