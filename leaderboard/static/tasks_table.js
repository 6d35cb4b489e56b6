// Models by tasks as a table: a column holds one kind of number, and says so where it is an estimate.
import { h, number, plural, size } from "./dom.js";
import { toAddress } from "./grid_state.js";
import { range, restoreOrder } from "./page_parts.js";
import * as state from "./state.js";
import { Grid } from "./table.js";
import { isEstimate, rests } from "./tasks_words.js";

const DIGITS = 3;
const MARK = "≈ ";

function measured(cell, what) {
  if (!cell) return null;
  if (cell.value === null) return { value: null, title: cell.reason };
  const over = cell.of === 1 ? "" : `, average over ${plural(cell.of, "language")}`;
  return { value: cell.value, low: cell.low, high: cell.high, at_chance: cell.at_chance, title: `${what}${over}; 95 % interval ${range(cell)}${cell.at_chance ? "; no better than guessing" : ""}` };
}

function estimated(cell) {
  if (cell.value === null) return { value: null, title: cell.reason };
  const title = `estimate, not measured${cell.low === null ? "" : `, ${range(cell)}`}: ${rests(cell.errors)}`;
  if (cell.low === null) return { value: cell.value, text: `${MARK}${number(cell.value, DIGITS)} ±?`, title };
  return { value: cell.value, low: cell.low, high: cell.high, title };
}

/** @param {object} answer of GET tasks @returns {object[]} columns of Grid */
function columns(answer) {
  const estimates = isEstimate(answer);
  const figure = { kind: "number", digits: DIGITS };
  const over = answer.languages.codes.length;
  const head = (task) => {
    if (estimates) return { title: `est. ${task.label}`, mark: MARK, tooltip: task.view ? `Estimated from alignment: ${task.view.label}, ${task.pooling} over layers; ${task.of} of ${plural(over, "language")}` : "No alignment to estimate it from" };
    return { title: `${task.label}${task.of < over ? ` · ${plural(task.of, "language")}` : ""}`, heat: [0, 1], tooltip: `Measured accuracy (${task.metric}): ${task.about}; ${task.of} of ${plural(over, "language")}` };
  };
  const beside = (task) => ({ ...figure, key: `${task.key}:measured`, title: `${task.title}, measured`, quiet: true, tooltip: "Measured over the same languages; no estimate" });
  const both = answer.tasks.flatMap((task) => [
    { ...figure, key: task.key, ...head(task) },
    ...(answer.models.some((model) => model.values[task.key].measured) ? [beside(task)] : []),
  ]);
  const published = answer.models.some((model) => model.published);
  return [
    { key: "model", title: "Model", kind: "link" },
    ...both,
    ...(published ? [{ ...figure, key: "published", title: "est. ARC + Belebele", mark: MARK, tooltip: "Average of the two estimates, as the published board averages" }] : []),
    ...answer.tasks.map((task) => ({ ...figure, key: `${task.key}:english`, title: `English ${task.title}`, quiet: estimates, tooltip: `Measured accuracy in English: ${task.label}` })),
    { key: "parameters", title: "Size", kind: "number", first: "asc" },
    { key: "weights", title: "Weights" },
    { key: "dtype", title: "Dtype" },
  ];
}

function row(model, answer, viewOf) {
  const cells = Object.entries(model.values).flatMap(([key, cell]) => [
    [key, isEstimate(answer) ? estimated(cell) : measured(cell, "measured")],
    [`${key}:measured`, measured(cell.measured, "measured")],
    [`${key}:english`, measured(model.english[key], "measured in English")],
  ]);
  const { published } = model;
  return {
    model: { text: model.name, href: state.link({ page: "model", model: model.model, embedding: viewOf.embedding }), also: model.id, title: `${model.id}, revision ${model.revision.slice(0, 12)}` },
    ...Object.fromEntries(cells),
    published: published && (published.value === null ? { value: null, title: published.reason } : { value: published.value, title: "estimate, not measured" }),
    parameters: model.parameters ? { value: model.parameters, text: size(model.parameters), title: `${number(model.parameters)} parameters` } : null,
    weights: model.weights,
    dtype: model.dtype,
  };
}

export class TasksTable {
  constructor() {
    this.element = h("div");
  }

  /**
   * @param {object} answer of GET tasks @param {Record<string, string>} viewOf keys of the alignment
   * @param {Record<string, string>|null} values of the address, where the order is to follow it
   */
  draw(answer, viewOf, values) {
    const shown = columns(answer);
    this.sort = [answer.tasks[0].key, "desc"];
    const rows = answer.models.map((model) => row(model, answer, viewOf));
    const name = isEstimate(answer) ? "Estimates of tasks by model" : "Measured accuracies by model";
    const given = { columns: shown, rows, sort: this.sort, noun: "models", name, empty: "No model of that size has a task" };
    if (this.grid) this.grid.update(given);
    else this.grid = new Grid(this.element, { ...given, onState: (now) => state.set(toAddress(now, { sort: this.sort })) });
    if (values) restoreOrder(this.grid, values, shown.map((column) => column.key), { sort: this.sort });
  }
}
