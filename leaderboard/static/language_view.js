// One language: what it is, which models understand it, and what their tokenizers make it cost.
import { copyLink } from "./clipboard.js";
import { h, number, plural, size } from "./dom.js";
import { downloads } from "./downloads.js";
import { toAddress } from "./grid_state.js";
import { rankCell } from "./models_columns.js";
import * as net from "./net.js";
import { COLOURS } from "./plot.js";
import { GREY, chart, lang, literal, narrow, range, restoreOrder, said, scoreCell, shortened, withLegend } from "./page_parts.js";
import * as state from "./state.js";
import { Grid } from "./table.js";

/** An alignment under which even the best model has hardly any of the language. */
const LITTLE = 0.1;
const MOST = 20;
const COUNTRIES = 8;

const columns = (pooling) => {
  const other = pooling === "mean" ? "max" : "mean";
  return [
    { key: "rank", title: "Rank", kind: "number", first: "asc", tooltip: "1 + models significantly better, to N − models significantly worse; models at chance are last and tied" },
    { key: "model", title: "Model", kind: "link" },
    { key: pooling, title: `Alignment, ${pooling}`, kind: "number", digits: 2, heat: [0, 1], tooltip: "With its 95 % interval" },
    { key: other, title: `Alignment, ${other}`, kind: "number", digits: 2, tooltip: "With its 95 % interval" },
    { key: "chance", title: "Chance", kind: "number", digits: 3, tooltip: "What 95 % of random pairings stay below" },
    { key: "tokens_ratio", title: "Tokens to English", kind: "number", digits: 2, first: "asc", tooltip: "Tokens that the language needs, over those of the same text in English: 2 costs twice as much" },
    { key: "parameters", title: "Size", kind: "number", first: "asc" },
    { key: "licence", title: "Licence" },
    { key: "weights", title: "Weights" },
    { key: "dtype", title: "Dtype" },
    { key: "best_layer", title: "Best layer", kind: "number", digits: 0, tooltip: "0 is the embedding" },
  ];
};
const KEYS = columns("mean").map((column) => column.key);

/** What is known of a language, as a list of facts. @param {object} one as the API writes it */
export function facts(one) {
  const countries = (one.countries ?? []).map((country) => country.name);
  const more = countries.length - COUNTRIES;
  const rows = [
    ["Own name", one.autonym && h("span", { dir: "auto", lang: lang(one.iso) }, one.autonym)],
    ["Code", h("code", {}, one.language)],
    ["Family", one.family],
    ["Script", one.script_name],
    ["Countries", countries.length ? `${countries.slice(0, COUNTRIES).join(", ")}${more > 0 ? ` and ${more} more` : ""}` : null],
    ["Region", one.region],
    ["Speakers", one.speakers ? `about ${number(one.speakers)}` : "not known"],
  ];
  return h("dl.facts", {}, rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

export class LanguageView {
  /** @param {{onAll: () => void}} given onAll: somebody wants all languages again */
  constructor({ onAll }) {
    this.head = h("h2.language-head");
    this.facts = h("div");
    this.sentence = h("p.sentence", { role: "status" });
    this.plot = h("div");
    this.table = h("div.ranking");
    this.files = h("span");
    downloads(this.files, "scores", () => this.params);
    const back = h("button.button", { type: "button", onclick: onAll }, "All languages");
    const tools = h("div.tools", {}, back, h("span.end", {}, this.files), copyLink());
    this.inner = h("div", {}, this.head, this.sentence, h("div.beside", {}, this.facts, this.plot), tools, this.table);
    this.element = h("div.results");
  }

  /**
   * @param {Record<string, string>} params of GET scores, with `language`
   * @param {Record<string, string>|null} values of the address, where the table's order is to follow it
   */
  show(params, values) {
    this.params = params;
    return net.into(this.element, "scores", params, (answer) => this.draw(answer, values));
  }

  draw(answer, values) {
    if (!this.inner.parentElement) this.element.append(this.inner);
    const { language: one, scores, pooling } = answer;
    const own = one.autonym && one.autonym !== one.name ? [" ", h("span.autonym", { dir: "auto", lang: lang(one.iso) }, one.autonym)] : [];
    this.head.replaceChildren(one.name, ...own);
    this.facts.replaceChildren(facts(one));
    this.say(answer);
    this.rows(answer, values);
    this.dots(scores.slice(0, MOST), one, pooling, scores.length);
  }

  say({ language: one, scores, pooling, counted, view }) {
    const limit = this.params.max_parameters ? ` up to ${size(Number(this.params.max_parameters))}` : "";
    const above = scores.filter((score) => !score[pooling].at_chance);
    const parts = [];
    if (!scores.length) parts.push(`No model${limit} was measured in ${one.name}.`);
    else {
      const verb = above.length > 1 ? "score" : "scores";
      parts.push(h("strong", {}, `${above.length || "None"} of ${plural(scores.length, "model")}`), `${limit} ${verb} above chance in ${one.name}`);
    }
    if (above.length) {
      const best = above[0];
      const ratio = best.tokens_ratio;
      const cost = ratio ? `; its tokenizer needs ${number(ratio, 1)} times as many tokens as ${view.pivot === "eng_Latn" ? "English" : view.pivot}` : "";
      const href = state.link({ page: "model", model: best.model, ...this.viewOf() });
      parts.push("; the best is ", h("a", { href, dir: "auto" }, best.name), ` (${[number(best[pooling].value, 2), range(best[pooling])].filter(Boolean).join(", ")})${cost}.`);
      if (best[pooling].value < LITTLE) parts.push(" That is little: 1 would be every segment.");
    } else if (scores.length) parts.push(".");
    if (!counted) parts.push(" It is a variant or is not sound in this corpus: averages leave it out.");
    this.sentence.replaceChildren(...parts);
  }

  viewOf() {
    const { corpus, embedding, pivot, pooling } = this.params;
    return { corpus, embedding, pivot, pooling };
  }

  rows({ scores, pooling, language, ranked }, values) {
    const rows = scores.map((score) => ({
      rank: rankCell(score.rank),
      model: { text: score.name, href: state.link({ page: "model", model: score.model, language: language.language, ...this.viewOf() }), title: `${score.id}, revision ${score.revision.slice(0, 12)}` },
      mean: scoreCell(score.mean),
      max: scoreCell(score.max),
      chance: score[pooling].chance,
      tokens_ratio: score.tokens_ratio,
      parameters: score.parameters ? { value: score.parameters, text: size(score.parameters), title: `${number(score.parameters)} parameters` } : null,
      licence: score.licence,
      weights: score.weights,
      dtype: score.dtype,
      best_layer: score.best_layer,
    }));
    const sort = [pooling, "desc"];
    const at = values ?? (this.grid ? null : state.get());
    const caption = `Models in ${language.name}. Ranks are ${ranked === "all" ? "across all weights and dtypes" : "among the same weights and dtype"}; grey italics are no better than chance.`;
    const given = { columns: columns(pooling), rows, noun: "models", caption, sort, empty: "No model of this size was measured in this language" };
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
    if (!scores.length) return this.plot.replaceChildren();
    const layout = {
      ...withLegend(70 + 24 * scores.length, traces.length),
      xaxis: { title: { text: `alignment, ${pooling}` }, rangemode: "tozero" },
      yaxis: { tickvals: at, ticktext: scores.map((score) => literal(shortened(score.name, small ? 18 : 40))), range: [scores.length - 0.4, -0.6], showgrid: false, zeroline: false },
      dragmode: false,
    };
    const first = all > scores.length ? `the best ${scores.length} of ${all} models` : plural(all, "model");
    const range_ = range(scores[0][pooling]);
    const description = `Alignment of ${first} in ${one.name} with intervals and the chance level; the best is ${scores[0].name}, ${number(scores[0][pooling].value, 2)}${range_ && `, ${range_}`}. The table below holds the same numbers.`;
    return chart(this.plot, traces, layout, {
      name: `mexa-${one.language}`,
      description,
      onClick: (point) => point.customdata && state.go(state.link({ page: "model", model: point.customdata, ...this.viewOf() })),
    });
  }
}
