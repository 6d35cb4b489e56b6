// Filters that run in the browser, over the models of one answer.

/** Keys of the address that are lists of allowed values, with what a blank is called. */
export const LISTS = { architecture: "not stated", kind: "not stated", licence: "not stated", weights: "", dtype: "" };
const BILLION = 1e9;
export const SIZES = [["", "any size"], ["1", "≤ 1 B"], ["3", "≤ 3 B"], ["8", "≤ 8 B"]];

const list = (text) => (text ? text.split(",").filter(Boolean) : []);
function positive(text) {
  const value = Number(text);
  return text && Number.isFinite(value) && value > 0 ? value : null;
}

/**
 * @param {Record<string, string>} values of the address
 * @returns {{filters: object, bad: string[]}} bad: what could not be understood
 */
export function parse(values) {
  const bad = [];
  const filters = Object.fromEntries(Object.keys(LISTS).map((key) => [key, list(values[key])]));
  for (const key of ["min_parameters", "max_parameters"]) {
    filters[key] = positive(values[key]);
    if (values[key] && filters[key] === null) bad.push(`${key}=${values[key]}`);
  }
  filters.ranked = values.ranked === "all" ? "all" : "group";
  if (values.ranked && !["all", "group"].includes(values.ranked)) bad.push(`ranked=${values.ranked}`);
  return { filters, bad };
}

/** What the address, and the API's downloads, say of filters. */
export function write(filters) {
  const lists = Object.keys(LISTS).map((key) => [key, filters[key].join(",")]);
  const ends = ["min_parameters", "max_parameters"].map((key) => [key, filters[key] ?? ""]);
  return { ...Object.fromEntries([...lists, ...ends]), ranked: filters.ranked === "all" ? "all" : "" };
}

const valueOf = (model, key) => model[key] ?? LISTS[key];

/** Whether a model is left by the filters; one of unknown size is not, where a size is asked for. */
export function passes(model, filters) {
  const size = model.parameters;
  if (filters.min_parameters !== null && !(size >= filters.min_parameters)) return false;
  if (filters.max_parameters !== null && !(size && size <= filters.max_parameters)) return false;
  return Object.keys(LISTS).every((key) => !filters[key].length || filters[key].includes(valueOf(model, key)));
}

/** The values that models have, most frequent first, and those chosen, as options with their count. */
export function options(models, key, chosen) {
  const counts = new Map(chosen.map((value) => [value, 0]));
  for (const model of models) {
    const value = valueOf(model, key);
    if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([value, count]) => [value, `${value} (${count})`]);
}

/** The size filter in words; empty when there is none. */
export function sizeSaid({ min_parameters: low, max_parameters: high }) {
  const b = (value) => `${+(value / BILLION).toFixed(3)} B`;
  if (low !== null && high !== null) return `${b(low)} to ${b(high)}`;
  if (high !== null) return `at most ${b(high)}`;
  return low !== null ? `at least ${b(low)}` : "";
}

/**
 * The filters in use, in words, each with the change that takes it away.
 * @returns {Array<{text: string, change: object}>}
 */
export function inUse(filters) {
  const size = sizeSaid(filters);
  const found = size ? [{ text: size, change: { min_parameters: null, max_parameters: null } }] : [];
  for (const key of Object.keys(LISTS)) {
    for (const value of filters[key]) found.push({ text: `${key === "dtype" ? "computed in " : ""}${value}`, change: { [key]: filters[key].filter((other) => other !== value) } });
  }
  if (filters.ranked === "all") found.push({ text: "ranked across all", change: { ranked: "group" } });
  return found;
}

export const billions = (value) => (value === null ? null : value / BILLION);
export const fromBillions = (value) => (value === null ? null : Math.round(value * BILLION));
