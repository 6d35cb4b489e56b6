// The columns of the models table, and a model of the API's answer as a row of it.
import { duration, number, plural, size } from "./dom.js";
import { scoreCell } from "./page_parts.js";
import { link } from "./state.js";

const HEAT = [0, 1];
const all = ["overview", "languages", "cost", "everything"];

/** Everything but the chosen languages' columns, in order; `in`: the presets that show it. */
export const COLUMNS = [
  { key: "rank", title: "Rank", kind: "number", first: "asc", in: all, tooltip: "1 + models significantly better, to N − models significantly worse; among models with the same weights and dtype unless you choose otherwise" },
  { key: "LANGUAGES", in: ["overview", "languages", "everything"] },
  { key: "mean", title: "Average, mean", kind: "number", digits: 3, heat: HEAT, in: all, tooltip: "Alignment pooled by the mean over layers, averaged over the chosen languages, with its 95 % interval" },
  { key: "max", title: "Average, max", kind: "number", digits: 3, heat: HEAT, in: ["overview", "everything"], tooltip: "Alignment at the best layer, averaged over the chosen languages, with its 95 % interval" },
  { key: "above_chance", title: "Above chance", kind: "number", in: ["overview", "languages", "everything"], tooltip: "Of the chosen languages that were measured, those above what random pairings reach" },
  { key: "tokens_ratio", title: "Tokens to English", kind: "number", digits: 2, first: "asc", in: ["languages", "cost", "everything"], tooltip: "Tokens that the chosen languages need, over those of the same text in English: 2 costs twice as much" },
  { key: "parameters", title: "Size", kind: "number", first: "asc", in: all, tooltip: "Parameters" },
  { key: "kind", title: "Kind", in: ["everything"] },
  { key: "architecture", title: "Architecture", in: ["everything"] },
  { key: "licence", title: "Licence", in: ["overview", "everything"] },
  { key: "weights", title: "Weights", in: ["overview", "cost", "everything"], tooltip: "What the file holds" },
  { key: "dtype", title: "Dtype", in: ["overview", "cost", "everything"], tooltip: "What it was computed in" },
  { key: "revision", title: "Revision", in: ["everything"] },
  { key: "corpora", title: "Corpora (n)", in: ["everything"], tooltip: "All that the model was measured on, with the segments a language" },
  { key: "seconds", title: "Evaluation", kind: "number", first: "asc", in: ["cost", "everything"], tooltip: "Time to measure all its languages on this corpus" },
  { key: "machine", title: "Machine", in: ["cost", "everything"] },
  { key: "measured", title: "Measured", in: ["overview", "cost", "everything"] },
];
export const PRESETS = [["overview", "Overview"], ["languages", "Languages"], ["cost", "Cost"], ["everything", "Everything"]];
const NAMES = { LANGUAGES: "Chosen languages" };

/** What may be ticked, as options of `checks`. */
export const CHOICES = COLUMNS.map((column) => [column.key, NAMES[column.key] ?? column.title]);
export const ofPreset = (preset) => COLUMNS.filter((column) => column.in.includes(preset)).map((column) => column.key);

/** The keys that `columns=` of an address means: a preset, or a list. */
export function chosenColumns(text) {
  if (PRESETS.some(([key]) => key === text)) return ofPreset(text);
  const known = new Set(COLUMNS.map((column) => column.key));
  const found = (text ?? "").split(",").filter((key) => known.has(key));
  return found.length ? found : ofPreset("overview");
}

/** What `columns=` says for a choice; empty for the first preset. */
export function writeColumns(keys) {
  const same = (preset) => ofPreset(preset).join() === COLUMNS.map((c) => c.key).filter((key) => keys.includes(key)).join();
  const preset = PRESETS.map(([key]) => key).find(same);
  return preset === "overview" ? "" : (preset ?? keys.join(","));
}

/**
 * The table's columns, all of them; those not chosen are hidden.
 * @param {string[]} keys chosen @param {Array<{language: string, name: string}>} shown
 */
export function columns(keys, shown, pooling) {
  const languages = shown.map(({ language, name, autonym }) => ({
    key: language,
    title: name,
    kind: "number",
    digits: 3,
    heat: HEAT,
    hidden: !keys.includes("LANGUAGES"),
    tooltip: [autonym && autonym !== name ? autonym : "", language, `alignment, ${pooling} over layers`].filter(Boolean).join(" · "),
  }));
  const others = COLUMNS.map(({ in: _, ...column }) => ({ ...column, hidden: !keys.includes(column.key) }));
  const name = { key: "model", title: "Model", kind: "link" };
  return [name, ...others.flatMap((column) => (column.key === "LANGUAGES" ? languages : [column]))];
}

const interval = (score, digits) =>
  score.low === null || score.low === undefined ? "no interval is known" : `95 % interval ${number(score.low, digits)} to ${number(score.high, digits)}`;

function average(score, missing) {
  if (!score) return null;
  const cell = { value: score.value, title: interval(score, 3) };
  if (score.low !== null && score.low !== undefined) Object.assign(cell, { low: score.low, high: score.high });
  return missing ? null : cell;
}

/** `2–5`, sorted by its low end. @param {{low: number, high: number, of?: number}|null} rank */
export function rankCell(rank, of = rank?.of) {
  if (!rank) return null;
  const text = rank.low === rank.high ? number(rank.low) : `${number(rank.low)}–${number(rank.high)}`;
  return { value: rank.low + rank.high / 1e5, text, title: of ? `of ${plural(of, "model")} ranked together` : undefined };
}

const CLASSES = 1e6;

/**
 * Rank cells where models of several weights or dtypes are ranked apart: `1 of 26 bfloat16`.
 * @param {Map<number, {low: number, high: number, of: number}>} ranks by place @param {object[]} models
 * @returns {(place: number) => object|null} sorts the largest class first, then by rank
 */
export function rankCells(ranks, models) {
  const name = (place) => `${models[place].weights}|${models[place].dtype}`;
  const sizes = new Map([...ranks].map(([place, { of }]) => [name(place), of]));
  const order = [...sizes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([key]) => key);
  return (place) => {
    const rank = ranks.get(place) ?? null;
    const cell = rankCell(rank);
    if (!cell || order.length < 2) return cell;
    const { weights, dtype } = models[place];
    return {
      value: order.indexOf(name(place)) * CLASSES + cell.value,
      text: `${cell.text} of ${number(rank.of)} ${weights}`,
      title: `${cell.title}: ${weights} weights, computed in ${dtype}`,
    };
  };
}

/**
 * @param {object} model of GET models @param {object|null} rank its cell
 * @param {Record<string, string>} asked view and pooling, for the link to the model
 * @returns {Record<string, any>} a row for Grid
 */
export function row(model, rank, asked) {
  const organisation = /^[^/:]+\//.exec(model.id)?.[0];
  const blank = model.missing ? `lacks ${plural(model.missing, "language")} of the set` : "";
  const corpora = model.corpora ?? [];
  return {
    key: model.model,
    model: {
      text: model.name,
      before: organisation,
      also: model.id,
      href: link({ page: "model", model: model.model, ...asked }),
      title: `${model.id}, revision ${model.revision.slice(0, 12)}${blank && `; ${blank}`}`,
      pick: { value: model.model, label: `Compare ${model.name}, ${model.weights}, ${model.dtype}` },
    },
    rank,
    mean: average(model.mean, model.missing),
    max: average(model.max, model.missing),
    above_chance: model.of ? { value: model.above_chance, text: `${model.above_chance} of ${model.of}` } : null,
    ...Object.fromEntries(Object.entries(model.shown ?? {}).map(([code, score]) => [code, scoreCell(score)])),
    tokens_ratio: model.tokens_ratio,
    parameters: model.parameters ? { value: model.parameters, text: size(model.parameters), title: `${number(model.parameters)} parameters` } : null,
    kind: model.kind,
    architecture: model.architecture,
    licence: model.licence,
    weights: model.weights,
    dtype: model.dtype,
    revision: { text: model.revision.slice(0, 8), title: model.revision },
    corpora: corpora.length ? corpora.map((each) => `${each.corpus} (${each.n})`).join(", ") : null,
    seconds: model.seconds ? { value: model.seconds, text: duration(model.seconds), title: `${number(model.seconds)} seconds` } : null,
    machine: { text: [model.device, model.machine].filter(Boolean).join(", ") },
    measured: model.measured,
  };
}
