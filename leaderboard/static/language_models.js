// The models of one language that filters leave, how they rank, and which cannot be told apart.
import { checks, folded } from "./controls.js";
import { rankCell, rankCells } from "./models_columns.js";
import { options } from "./models_filters.js";
import { list } from "./page_parts.js";
import { ranges, unpack } from "./ranks.js";

export const FILTERS = ["kind", "licence"];
const BLANK = "not stated";
const valueOf = (score, key) => score[key] ?? BLANK;

/** Filters by kind and licence, as Models has them: they run in the browser. */
export class ModelFilters {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.checks = {
      kind: checks({ label: "Kind", name: "kind", options: [], onChange }),
      licence: checks({ label: "Licence", name: "licence", options: [], onChange }),
    };
    this.wanted = { kind: [], licence: [] };
    const fold = folded("Fewer models", ...FILTERS.map((key) => this.checks[key].element));
    this.element = fold.element;
    this.inUse = fold.inUse;
  }

  /** What the address asks for; it is checked once there are models. @param {Record<string, string>} values */
  restore(values) {
    for (const key of FILTERS) this.wanted[key] = list(values[key], 50);
    for (const key of FILTERS) this.checks[key].set(this.wanted[key]);
    if (FILTERS.some((key) => this.wanted[key].length)) this.element.open = true;
  }

  /** Offer what these models have. @returns {string[]} what was asked for and none has */
  offer(scores, all) {
    const bad = [];
    for (const key of FILTERS) {
      const asked = [...new Set([...this.wanted[key], ...this.checks[key].value])];
      // A size limit may leave out the last model of a licence: that is no mistake of the address.
      const kept = all ? asked.filter((value) => scores.some((score) => valueOf(score, key) === value)) : asked;
      bad.push(...asked.filter((value) => !kept.includes(value)).map((value) => `${key}=${value}`));
      this.checks[key].options(options(scores, key, kept));
      this.checks[key].set(kept);
      this.wanted[key] = [];
    }
    return bad;
  }

  /** As the address has them. */
  chosen() {
    return Object.fromEntries(FILTERS.map((key) => [key, [...new Set([...this.wanted[key], ...this.checks[key].value])].join(",")]));
  }

  words() {
    return FILTERS.map((key) => this.checks[key].value.join(" or ")).filter(Boolean).join(", ");
  }

  passes(score) {
    return FILTERS.every((key) => !this.checks[key].value.length || this.checks[key].value.includes(valueOf(score, key)));
  }
}

/**
 * @param {object} answer of GET scores with a language @param {(score: object) => boolean} passes
 * @returns {{scores: object[], rank: Map<object, object>, tied: object[]}}
 *   scores: those left, best first; rank: each one's cell of a table; tied: the models above chance that the best is not significantly better than
 */
export function ranked({ scores, better: packed, pooling, ranked: how }, passes) {
  const better = unpack(packed, scores.length);
  const places = [...scores.keys()].filter((place) => passes(scores[place]));
  const across = how === "all";
  const found = ranges(better, places, (place) => (across ? "" : `${scores[place].weights}|${scores[place].dtype}`));
  const cells = across ? (place) => rankCell(found.get(place)) : rankCells(found, scores);
  const first = places[0];
  const tied = places.slice(1).filter((place) => !scores[place][pooling].at_chance && !better[first * scores.length + place]);
  return { scores: places.map((place) => scores[place]), rank: new Map(places.map((place) => [scores[place], cells(place)])), tied: tied.map((place) => scores[place]) };
}
