// Every language with each model's score, and how the others differ from the first.
import { number } from "./dom.js";
import { toAddress } from "./grid_state.js";
import { difference, probability, restoreOrder, scoreCell, scriptName, shortened } from "./page_parts.js";
import * as state from "./state.js";
import { Grid } from "./table.js";

const SORT = ["score0", "desc"];
const PLACES = [0, 1, 2, 3, 4, 5];
const KEYS = ["language", "family", "region", "script", ...PLACES.flatMap((k) => [`score${k}`, `gap${k}`, `word${k}`])];
const signed = (value) => `${value < 0 ? "−" : "+"}${number(Math.abs(value), 3)}`;

function gapCell(gap) {
  if (!gap) return null;
  const ends = gap.low === null ? "" : ` (${signed(gap.low)} to ${signed(gap.high)})`;
  return { value: gap.value, text: `${signed(gap.value)}${ends}`, title: `difference to the first model${gap.low === null ? "" : " with its 95 % interval"}; ${probability(gap.p)}` };
}

function wordCell(gap) {
  const found = difference(gap);
  return found && { text: `${found.sign} ${found.word}`, title: probability(gap.p) };
}

const columns = ({ models, pooling }) => [
  { key: "language", title: "Language", kind: "link" },
  ...models.map((model, k) => ({ key: `score${k}`, title: shortened(model.name, 24), kind: "number", digits: 3, heat: [0, 1], tooltip: `${model.name} · ${model.weights} · ${model.dtype}: alignment, ${pooling}, with its 95 % interval` })),
  ...models.slice(1).flatMap((model, i) => [
    { key: `gap${i + 1}`, title: `${shortened(model.name, 24)} − first`, kind: "number", tooltip: `${model.name} less ${models[0].name}, with its 95 % interval, paired over segments` },
    { key: `word${i + 1}`, title: `${shortened(model.name, 24)} is`, tooltip: `${model.name} beside ${models[0].name}: better or worse where the false discovery rate over these languages is at most 5 %` },
  ]),
  { key: "family", title: "Family" },
  { key: "region", title: "Region" },
  { key: "script", title: "Script" },
];

export class Differences {
  constructor(element) {
    this.element = element;
  }

  /**
   * @param {object} answer of GET compare @param {Record<string, string>} viewOf keys of the view
   * @param {Record<string, string>|null} values of the address, where the order is to follow it
   */
  draw(answer, viewOf, values) {
    const rows = answer.languages.map((one) => ({
      language: { text: one.name, href: state.link({ page: "languages", language: one.language, ...viewOf }), title: [one.autonym, one.language].filter(Boolean).join(" · ") },
      ...Object.fromEntries(one.scores.map((score, k) => [`score${k}`, scoreCell(score)])),
      ...Object.fromEntries(one.differences.flatMap((gap, k) => (k ? [[`gap${k}`, gapCell(gap)], [`word${k}`, wordCell(gap)]] : []))),
      family: one.family,
      region: one.region,
      script: { text: scriptName(one.script), title: one.script },
    }));
    const at = values ?? (this.grid ? null : state.get());
    const given = { columns: columns(answer), rows, sort: SORT, noun: "languages", name: "Scores and differences by language", empty: "None of these models was measured in a language of this set" };
    if (this.grid) this.grid.update(given);
    else this.grid = new Grid(this.element, { ...given, onState: (now) => state.set(toAddress(now, { sort: SORT })) });
    if (at) restoreOrder(this.grid, at, KEYS, { sort: SORT });
  }
}
