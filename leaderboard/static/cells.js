// One cell of a table as a DOM node: no cell text is parsed as HTML.
import { h, number } from "./dom.js";

const isObject = (cell) => cell !== null && typeof cell === "object";

/** What a cell sorts by: a number, a text, or null for a blank. */
export const sortValue = (cell) => (isObject(cell) ? (cell.value ?? cell.text ?? null) : (cell ?? null));

/** What else than its text a search finds a cell by, `also`. */
export const also = (cell) => (isObject(cell) && cell.also ? ` ${cell.also}` : "");

/** For DataTables' filter text, which it decodes through innerHTML. */
export const escape = (text) =>
  text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

function link(cell) {
  const url = new URL(cell.href, document.baseURI);
  if (url.origin !== location.origin) return h("span.bt-text", { dir: "auto" }, cell.text);
  return h("a.bt-text", { href: cell.href, dir: "auto" }, cell.text);
}

/** A checkbox before a row's name, `pick: {value, label}`. */
function picker({ value, label }, picked) {
  const box = h("input.bt-pick", { type: "checkbox", value, "aria-label": label });
  box.checked = picked.has(value);
  return box;
}

/**
 * @param {object} column `{kind, digits, mark}`, mark: stands before each number @param {any} cell @param {Set<string>} picked
 * @returns {Node}
 */
export function display(column, cell, picked) {
  const value = sortValue(cell);
  if (value === null) return h("span.bt-blank", {}, "–");
  if (column.kind !== "number") {
    const node = cell.href ? link(cell) : h("span.bt-text", { dir: "auto" }, value);
    node.title = cell.title ?? value;
    const before = [cell.pick && picker(cell.pick, picked), cell.before && h("span.bt-before", { dir: "auto" }, cell.before)];
    return before.some(Boolean) ? h("span.bt-named", {}, before, node) : node;
  }
  const shown = h("span.bt-value", {}, cell.text ?? `${column.mark ?? ""}${number(value, column.digits ?? 2)}`);
  if (cell.low === undefined || cell.high === undefined || cell.text) return shown;
  const range = `${number(cell.low, column.digits ?? 2)}–${number(cell.high, column.digits ?? 2)}`;
  return h("span", {}, shown, " ", h("span.bt-range", {}, range));
}

/** Chance, title and shade of a table cell. */
export function dress(td, column, cell) {
  if (isObject(cell) && cell.at_chance) td.classList.add("bt-chance");
  if (isObject(cell) && cell.title) td.title = cell.title;
  const value = sortValue(cell);
  if (!column.heat || value === null) return;
  const [low, high] = column.heat;
  const share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
  td.classList.add("bt-heat");
  td.style.setProperty("--bt-share", `${Math.round(share * 100)}%`);
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const compare = (a, b) => (typeof a === "string" ? collator.compare(a, b) : a - b);
/** Blanks stay last whichever way a column runs, so the direction is applied inside. */
export const blanksLast = (sign) => (a, b) => {
  if (a === null || b === null) return (a === null) - (b === null);
  return sign * compare(a, b);
};
