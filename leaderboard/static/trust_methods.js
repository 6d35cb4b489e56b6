// Every method, alignment view by layer pooling, and how it does for each model and for all in one heap.
import { h, number } from "./dom.js";
import { said } from "./page_parts.js";
import { methodName, signed as plusMinus } from "./trust_words.js";

const FAMILY = "made without its whole language family, which may fail";
const HEADS = [
  ["Model", ""],
  ["Languages", ""],
  ["Pearson", "with its 95 % interval"],
  ["Spearman", "with its 95 % interval"],
  ["Off by, plain", "mean absolute error of plain estimates"],
  ["Off by, corrected", "mean absolute error of estimates corrected for guessing"],
  ["Off by, constant", "of guessing the mean of the other languages"],
  ["Bias, plain", "mean of measured less estimated"],
  ["Bias, corrected", "mean of measured less estimated"],
  ["Held, plain", `of how many languages an interval made without the language holds the measurement, which by construction is about 95 of 100; then: ${FAMILY}`],
  ["Held, corrected", "the same for estimates corrected for guessing"],
  ["Width, plain", "mean width of those intervals"],
  ["Width, corrected", "mean width of those intervals"],
];

/** Rows from which the table scrolls by itself. */
const LONG = 40;

const figure = (value, digits = 3) => (value === null || value === undefined ? "–" : number(value, digits));
const signed = (value) => (value === null || value === undefined ? "–" : plusMinus(value, 3));
const held = (form) => (form && form.held !== null ? `${form.held}; ${form.held_family} of ${form.of}` : "–");

function row(one) {
  const { plain, corrected } = one.forms;
  const cells = [one.n, one.pearson ? said(one.pearson, 2) : "–", one.spearman ? said(one.spearman, 2) : "–", figure(plain?.mae), figure(corrected?.mae), figure(one.constant), signed(plain?.bias), signed(corrected?.bias), held(plain), held(corrected), figure(plain?.width, 2), figure(corrected?.width, 2)];
  return h("tr", {}, h("th", { scope: "row", dir: "auto", title: one.model }, one.name), cells.map((cell) => h("td.number", {}, cell)));
}

function pooled(one) {
  const cells = [one.n, one.pearson ? said(one.pearson, 2) : "–", one.spearman ? said(one.spearman, 2) : "–"];
  return h("tr.pooled", {}, h("th", { scope: "row" }, "all models together"), cells.map((cell) => h("td.number", {}, cell)), h("td", { colspan: HEADS.length - 4 }, "differences between models count here too"));
}

/**
 * @param {object} answer of GET trust @param {object|undefined} chosen the method whose points are shown
 * @param {(method: object) => void} onPick @returns {HTMLElement}
 */
export function methods(answer, chosen, onPick) {
  const body = (method) => {
    const here = method === chosen;
    const button = h("button.button", { type: "button", "aria-pressed": String(here), onclick: () => onPick(method) }, here ? "points shown below" : "show its points");
    const mean = method.mean_pearson === null ? "" : `, mean Pearson ${number(method.mean_pearson, 2)}`;
    return h("tbody", {}, h("tr.method", {}, h("th", { scope: "rowgroup", colspan: HEADS.length }, h("div", {}, h("strong", {}, methodName(method)), mean, " ", button))), method.models.map(row), method.pooled ? pooled(method.pooled) : null);
  };
  const head = h("tr", {}, HEADS.map(([name, title], i) => h(i ? "th.number" : "th", { scope: "col", title: title || null }, name)));
  return h(answer.methods.flatMap((one) => one.models).length > LONG ? "div.scroll.tall" : "div.scroll", { tabindex: "0", role: "region", "aria-label": "Methods" }, h("table.plain.methods", {}, h("thead", {}, head), answer.methods.map(body)));
}
