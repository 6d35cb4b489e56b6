// What several pages say and draw alike: notes on an address, words of a number, a chart with Retry.
import { h, number } from "./dom.js";
import { fromAddress, toAddress } from "./grid_state.js";
import { failed } from "./net.js";
import { draw } from "./plot.js";
import * as state from "./state.js";

/** Keys of the address that name a view, empty. */
export const NO_VIEW = { corpus: "", embedding: "", pivot: "", score: "", noise: "", view: "" };
/** Keys that a table writes, empty: another table takes its place. */
export const NO_ORDER = { sort: "", q: "", rows: "" };
/** Languages that charts begin with, as far as there are scores of them. */
export const SHOWN = ["swh_Latn", "fra_Latn", "arb_Arab", "hin_Deva", "cmn_Hans", "rus_Cyrl", "ind_Latn", "tur_Latn"];
export const POOLINGS = [["mean", "mean"], ["max", "max"]];
/** Grey of what is at chance, on a light and on a dark page. */
export const GREY = "#8b8b8b";

/** Scripts by code, as far as a board has languages in them: filled when a board is known. */
const scripts = new Map();
export const learnScripts = (board) => board.scripts.forEach(({ code, name }) => scripts.set(code, name));
/** @param {string|null} code @returns {string|null} `Latin` for `Latn` */
export const scriptName = (code) => scripts.get(code) ?? code;

/** The window's title, while `page` is what is shown. @param {string} page @param {string} name */
export function title(page, name) {
  if (state.page() === page) document.title = `${name} · MEXA leaderboard`;
}

/**
 * A grid of controls; on a phone only `first` stand open, `rest` are folded away.
 * @param {HTMLElement[]} first @param {HTMLElement[]} rest @param {...HTMLElement} below what follows the grid
 */
export function options(first, rest, ...below) {
  const grid = h("div.controls");
  const inside = h("div.controls");
  const under = h("div", {}, below);
  const fold = h("details.folded", {}, h("summary", {}, "Options"), h("div.inside", {}, inside));
  const element = h("div.options-of-page", {}, grid);
  const phone = matchMedia("(max-width: 599.9px)");
  const place = () => {
    grid.replaceChildren(...first, ...(phone.matches ? [] : rest));
    inside.replaceChildren(...(phone.matches ? rest : []));
    if (phone.matches) fold.lastChild.append(under);
    element.replaceChildren(grid, phone.matches ? fold : under);
  };
  phone.addEventListener("change", place);
  place();
  return element;
}

/** A line that says what of an address was left out. @returns {{element: HTMLElement, say: (parts: string[]) => void}} */
export function notes() {
  const element = h("p.hint.notes", { role: "status" });
  const say = (parts) => {
    element.textContent = parts.length ? `Left out of the address, not known here: ${[...new Set(parts)].join(", ")}.` : "";
  };
  return { element, say };
}

/** @returns {HTMLElement} what stands where nothing is measured yet */
export const nothing = () => h("p.message.plain", {}, "Nothing is measured yet. ", h("a", { href: "?page=submit" }, "Submit a model"), " to begin.");

/** `max` or `mean`; anything else is noted in `bad`. */
export function pooled(values, bad) {
  if (values.pooling && !["mean", "max"].includes(values.pooling)) bad.push(`pooling=${values.pooling}`);
  return values.pooling === "max" ? "max" : "mean";
}

/** Comma-separated words of an address. @param {string|undefined} text @param {number} [most] */
export const list = (text, most = 2000) => [...new Set((text ?? "").split(",").map((each) => each.trim()).filter(Boolean))].slice(0, most);

/** A language's code as `lang` wants it: `sw` for what ISO 639-3 calls `swh` where there is one. */
export function lang(iso) {
  try {
    return Intl.getCanonicalLocales(iso)[0] ?? null;
  } catch {
    return null;
  }
}

/** Plotly reads a small markup in its texts; a name must not be read as it. */
export const literal = (text) => String(text ?? "").replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** @returns {boolean} whether charts must do with a phone's width */
export const narrow = () => matchMedia("(max-width: 640px)").matches;

/**
 * A layout whose legend stands above the drawing, with room for it: on a phone below the button for the PNG.
 * @param {number} height of the drawing and its axis, pixels @param {number} entries of the legend
 */
export function withLegend(height, entries) {
  const small = narrow();
  const lines = small ? entries : Math.ceil(entries / 4);
  const button = small ? 28 : 0;
  const top = 22 + button + 20 * lines;
  return {
    height: height + top,
    legend: { orientation: "h", yref: "container", y: 0.995 - button / (height + top), yanchor: "top", x: 0, traceorder: "normal" },
    margin: { l: 56, r: 12, t: top, b: 48 },
  };
}

/** @param {string} text @param {number} most characters */
export const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
/** @param {number|null} speakers @returns {string} `171M` */
export const people = (speakers) => (speakers === null || speakers === undefined ? "" : compact.format(speakers));

const known = (end) => end !== null && end !== undefined;

/** @param {{low: number|null, high: number|null}} score @returns {string} `0.350 to 0.471`, or nothing */
export const range = (score, digits = 3) => (known(score.low) ? `${number(score.low, digits)} to ${number(score.high, digits)}` : "");

/** @returns {string} `0.412 (0.350 to 0.471)` */
export const said = (score, digits = 3) => `${number(score.value, digits)}${known(score.low) ? ` (${range(score, digits)})` : ""}`;

/** A score with its interval as a cell of Grid. @param {object|null} score of the API */
export function scoreCell(score) {
  if (!score) return null;
  const chance = known(score.chance) ? `; chance ${number(score.chance, 3)}` : "";
  const interval = known(score.low) ? `95 % interval ${range(score, 3)}` : "no interval is known";
  const cell = { value: score.value, at_chance: score.at_chance, title: `${score.at_chance ? "at chance, not covered; " : ""}${interval}${chance}` };
  return known(score.low) ? { ...cell, low: score.low, high: score.high } : cell;
}

/** @param {number|null} p @returns {string} `p = 0.03` */
export const probability = (p) => (p === null || p === undefined ? "" : p < 0.001 ? "p < 0.001" : `p = ${number(p, p < 0.01 ? 3 : 2)}`);

/**
 * A difference in words and with a sign of its own, so that colour never stands alone.
 * @param {{value: number, low: number|null, high: number|null, p: number|null, significant?: boolean}|null} gap
 * @returns {{sign: string, word: string, text: string}|null} `{"▲", "better", "0.041 better, 0.012 to 0.070"}`
 */
export function difference(gap) {
  if (!gap) return null;
  const clear = gap.significant ?? gap.p < 0.05;
  const signed = (value) => `${value < 0 ? "−" : "+"}${number(Math.abs(value), 3)}`;
  if (!clear) {
    return { sign: "≈", word: "no clear difference", text: known(gap.low) ? `no clear difference, ${signed(gap.low)} to ${signed(gap.high)}` : "no clear difference" };
  }
  const better = gap.value > 0;
  const ends = known(gap.low) ? [gap.low, gap.high].map((end) => (better ? end : -end)).sort((a, b) => a - b) : null;
  const word = better ? "better" : "worse";
  return { sign: better ? "▲" : "▼", word, text: `${number(Math.abs(gap.value), 3)} ${word}${ends ? `, ${number(ends[0], 3)} to ${number(ends[1], 3)}` : ""}` };
}

/**
 * Order a table as an address says; what of it makes no sense leaves the address.
 * @param {import("./table.js").Grid} grid @param {Record<string, string>} values
 * @param {string[]} keys of the columns @param {{sort: [string, string], page?: number}} usual
 */
export function restoreOrder(grid, values, keys, usual) {
  grid.restore(fromAddress(values, keys, usual));
  state.set(toAddress(grid.state(), usual));
}

/** `draw` of plot.js; where the library cannot be had, that is said with Retry. */
export function chart(host, traces, layout, what) {
  const again = () => chart(host, traces, layout, what);
  return draw(host, traces, layout, what).catch((error) => failed(host, error, again));
}
