// Averages over groups of languages, an axis a group.
import { h, number, plural } from "./dom.js";
import { COLOURS, DASHES, SYMBOLS } from "./plot.js";
import { chart, literal, narrow, scriptName, shortened, withLegend } from "./page_parts.js";

export const GROUPINGS = [["region", "region"], ["family", "family"], ["script", "script"]];
const FEWEST_LANGUAGES = 2;
const FEWEST_AXES = 3;
const MOST_AXES = 12;

/** @param {object[]} groups of GET compare, largest first @returns {{drawn: object[], small: object[], more: object[]}} */
export function chosen(groups) {
  const large = groups.filter((group) => group.languages >= FEWEST_LANGUAGES && group.name !== "unknown");
  return { drawn: large.slice(0, MOST_AXES), more: large.slice(MOST_AXES), small: groups.filter((group) => !large.includes(group)) };
}

/** A name over several lines, each as long as its words let it be. @param {string} name @param {number} most characters */
function lines(name, most) {
  const found = [];
  for (const word of name.split(/(?<=-)|\s+/)) {
    const last = found.at(-1);
    const joined = last?.endsWith("-") ? `${last}${word}` : `${last} ${word}`;
    if (last !== undefined && joined.length <= most) found[found.length - 1] = joined;
    else found.push(word);
  }
  return found;
}

function radarChart(host, { models, pooling }, drawn, kind) {
  const small = narrow();
  const names = drawn.map((group) => lines(small ? shortened(group.name, 30) : group.name, small ? 10 : 14).map(literal).join("<br>"));
  const close = (values) => [...values, values[0]];
  const traces = models.map((model, k) => ({
    type: "scatterpolar",
    mode: "lines+markers",
    name: literal(model.name),
    theta: close(names),
    r: close(drawn.map((group) => group.values[k])),
    text: close(drawn.map((group) => `<b>${literal(group.name)}</b> (${plural(group.languages, "language")})<br>${literal(model.name)}: ${number(group.values[k], 3)}`)),
    hovertemplate: "%{text}<extra></extra>",
    line: { color: COLOURS[k], dash: DASHES[k], width: 2 },
    marker: { symbol: SYMBOLS[k], size: 7, color: COLOURS[k] },
  }));
  const legend = withLegend(small ? 330 : 430, models.length);
  const side = small ? 72 : 100;
  const layout = {
    ...legend,
    margin: { l: side, r: side, t: legend.margin.t + 24, b: 52 },
    polar: { radialaxis: { angle: 90, tickangle: 90, rangemode: "tozero", nticks: 5 }, angularaxis: { rotation: 90, direction: "clockwise", tickfont: { size: small ? 10 : 12 } } },
  };
  const best = models.map((model, k) => `${model.name} is highest in ${drawn.reduce((a, b) => (b.values[k] > a.values[k] ? b : a)).name}`).join("; ");
  const description = `Average alignment, ${pooling}, of ${plural(models.length, "model")} in ${plural(drawn.length, kind, kind === "family" ? "families" : `${kind}s`)}: ${best}. The table of groups holds the same numbers.`;
  return chart(host, traces, layout, { name: `mexa-radar-${kind}`, description });
}

function table({ models }, groups, kind) {
  const heads = [kind, "Languages", ...models.map((model) => model.name)];
  const row = (group) => h("tr", {}, h("th", { scope: "row" }, group.name), h("td.number", {}, group.languages), group.values.map((value) => h("td.number", {}, number(value, 3))));
  return h("div.scroll.tall", { tabindex: "0", role: "region", "aria-label": `Averages by ${kind}` }, h("table.plain", {}, h("thead", {}, h("tr", {}, heads.map((head, i) => h(i ? "th.number" : "th", { scope: "col" }, head)))), h("tbody", {}, groups.map(row))));
}

/**
 * @param {{plot: HTMLElement, said: HTMLElement, table: HTMLElement}} hosts @param {object} answer of GET compare
 * @param {"family"|"region"|"script"} kind
 */
export function radar(hosts, answer, kind) {
  const groups = answer.groups[kind].map((group) => (kind === "script" ? { ...group, name: scriptName(group.name) } : group));
  const { drawn, more, small } = chosen(groups);
  const parts = [];
  if (more.length) parts.push(`not drawn: ${more.map((group) => group.name).join(", ")}`);
  if (small.length) parts.push(`with one language only: ${small.map((group) => group.name).join(", ")}`);
  hosts.said.textContent = parts.length ? `Only in the table, ${parts.join("; ")}.` : "";
  hosts.table.replaceChildren(groups.length ? table(answer, groups, kind) : "");
  if (drawn.length >= FEWEST_AXES) return radarChart(hosts.plot, answer, drawn, kind);
  const why = answer.shared ? `A radar needs three groups with two languages each that all models have; there ${drawn.length === 1 ? "is" : "are"} ${drawn.length}.` : "These models have no language of this set in common.";
  return hosts.plot.replaceChildren(h("p.muted", {}, why));
}
