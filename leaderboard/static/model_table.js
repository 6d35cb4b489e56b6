// A model's scores, a row a language.
import { h, number } from "./dom.js";
import { toAddress } from "./grid_state.js";
import { restoreOrder, scoreCell, scriptName } from "./page_parts.js";
import * as state from "./state.js";
import { Grid } from "./table.js";

/** @param {string} pooling @param {boolean} cut whether any segment was: else the column says nothing */
const columns = (pooling, cut) => {
  const other = pooling === "mean" ? "max" : "mean";
  return [
    { key: "language", title: "Language", kind: "link" },
    { key: "autonym", title: "Own name" },
    { key: pooling, title: `Alignment, ${pooling}`, kind: "number", digits: 3, heat: [0, 1], tooltip: "With its 95 % interval" },
    { key: other, title: `Alignment, ${other}`, kind: "number", digits: 3, tooltip: "With its 95 % interval" },
    { key: "chance", title: "Chance", kind: "number", digits: 3, tooltip: "What 95 % of random pairings stay below" },
    { key: "best_layer", title: "Best layer", kind: "number", digits: 0, tooltip: "0 is the embedding" },
    { key: "tokens", title: "Tokens", kind: "number", digits: 0, first: "asc", tooltip: "Of all segments" },
    { key: "tokens_ratio", title: "Tokens to English", kind: "number", digits: 2, first: "asc", tooltip: "2 needs twice the tokens of the same text in English" },
    { key: "cut", title: "Cut", kind: "number", digits: 0, tooltip: "Segments longer than the model's positions" },
    { key: "family", title: "Family" },
    { key: "script", title: "Script" },
    { key: "region", title: "Region" },
    { key: "code", title: "Code" },
  ].filter(({ key }) => cut || key !== "cut");
};
const KEYS = columns("mean", true).map((column) => column.key);

export class ModelTable {
  constructor() {
    this.element = h("div");
  }

  /**
   * @param {object} answer of GET scores with a model @param {Record<string, string>} viewOf keys of the view
   * @param {Record<string, string>|null} values of the address, where the order is to follow it
   */
  draw({ scores, pooling }, viewOf, values) {
    this.pooling = pooling;
    const rows = scores.map((score) => ({
      language: { text: score.name, href: state.link({ page: "languages", language: score.language, ...viewOf }), title: score.counted ? score.language : `${score.language}: a variant, or not sound in this corpus; averages leave it out` },
      autonym: score.autonym,
      mean: scoreCell(score.mean),
      max: scoreCell(score.max),
      chance: score[pooling].chance,
      best_layer: score.best_layer,
      tokens: score.tokens === null ? null : { value: score.tokens, text: number(score.tokens) },
      tokens_ratio: score.tokens_ratio,
      cut: score.cut,
      family: score.family,
      script: { text: scriptName(score.script), title: score.script },
      region: score.region,
      code: score.language,
    }));
    const sort = [pooling, "desc"];
    const at = values ?? (this.grid ? null : state.get());
    const given = { columns: columns(pooling, scores.some((score) => score.cut)), rows, noun: "languages", sort, name: "Scores by language" };
    if (this.grid) this.grid.update(given);
    else this.grid = new Grid(this.element, { ...given, page: 25, onState: (now) => state.set(toAddress(now, { sort: [this.pooling, "desc"], page: 25 })) });
    if (at) restoreOrder(this.grid, at, KEYS, { sort, page: 25 });
  }
}
