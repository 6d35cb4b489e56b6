// The controls of the filters that run in the browser.
import { checks, choice, number, select } from "./controls.js";
import { h } from "./dom.js";
import * as filter from "./models_filters.js";

const TITLES = { kind: "Kind", weights: "Weights", dtype: "Compute dtype", licence: "Licence", architecture: "Architecture" };

/** @param {(change: object) => void} refine @returns controls, `show(filters)` and `offer(models, filters)` */
export function filterControls(refine) {
  const size = choice({ label: "Size", name: "size", options: filter.SIZES, onChange: (value) => refine({ min_parameters: null, max_parameters: filter.fromBillions(value ? Number(value) : null) }) });
  const end = (key, label) => number({ label, name: key, placeholder: "billions", onChange: (value) => refine({ [key]: filter.fromBillions(value) }) });
  const ends = { min_parameters: end("min_parameters", "Size from (B)"), max_parameters: end("max_parameters", "Size to (B)") };
  const lists = Object.fromEntries(Object.entries(TITLES).map(([key, label]) => [key, checks({ label, name: key, options: [], onChange: (value) => refine({ [key]: value }) })]));
  const ranked = select({ label: "Rank models", name: "ranked", options: [["group", "same weights and dtype"], ["all", "across all"]], onChange: (value) => refine({ ranked: value }) });

  function show(filters) {
    const { min_parameters: low, max_parameters: high } = filters;
    const preset = filter.SIZES.find(([value]) => low === null && (value ? Number(value) * 1e9 : null) === high);
    size.set(preset ? preset[0] : "-");
    for (const key in ends) ends[key].set(filter.billions(filters[key]));
    for (const key in lists) lists[key].set(filters[key]);
    ranked.set(filters.ranked);
  }

  return {
    size,
    ranked: ranked.element,
    ends: h("div.pair", {}, ends.min_parameters.element, ends.max_parameters.element),
    lists: h("div.lists", {}, Object.values(lists).map((list) => list.element)),
    show,
    /** Offer what the models of an answer have. */
    offer(models, filters) {
      for (const [key, list] of Object.entries(lists)) {
        list.options(filter.options(models, key, filters[key]));
        list.set(filters[key]);
      }
    },
    /** How many filters below the fold are in use. */
    inUse({ min_parameters: low, max_parameters: high, ...filters }) {
      const listed = Object.keys(filter.LISTS).filter((key) => filters[key].length).length;
      return listed + (filters.ranked === "all") + (low !== null || (size.value === "" && high !== null));
    },
  };
}
