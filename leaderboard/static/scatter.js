// Two models against each other: a point is a language, above the diagonal the second is better.
import { number, plural } from "./dom.js";
import { COLOURS } from "./plot.js";
import { GREY, chart, difference, literal, said, withLegend } from "./page_parts.js";

const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const KINDS = {
  better: { symbol: "triangle-up", colour: COLOURS[0] },
  worse: { symbol: "triangle-down", colour: COLOURS[1] },
  "no clear difference": { symbol: "circle-open", colour: GREY },
};

/**
 * @param {HTMLElement} host @param {object} answer of GET compare @param {number} other place of the second model
 * @param {(code: string) => void} onClick
 */
export function scatter(host, { languages, models, pooling }, other, onClick) {
  const both = languages.filter((one) => one.scores[0] && one.scores[other]);
  const [x, y] = [models[0], models[other]];
  if (!both.length) return host.replaceChildren(`${x.name} and ${y.name} have no language of this set in common: there is nothing to draw.`);
  const kindOf = (one) => difference(one.differences[other])?.word ?? "no clear difference";
  const name = { better: `${literal(y.name)} better`, worse: `${literal(x.name)} better`, "no clear difference": "no clear difference" };
  const hover = (one) =>
    `<b>${literal(one.name)}</b><br>${literal(x.name)}: ${said(one.scores[0])}${one.scores[0].at_chance ? ", at chance" : ""}<br>${literal(y.name)}: ${said(one.scores[other])}${one.scores[other].at_chance ? ", at chance" : ""}`;
  const traces = Object.entries(KINDS)
    .map(([kind, { symbol, colour }]) => {
      const mine = both.filter((one) => kindOf(one) === kind);
      return {
        type: "scatter",
        mode: "markers",
        cliponaxis: false,
        name: `${name[kind]} (${mine.length})`,
        x: mine.map((one) => one.scores[0].value),
        y: mine.map((one) => one.scores[other].value),
        text: mine.map(hover),
        customdata: mine.map((one) => one.language),
        hovertemplate: "%{text}<extra></extra>",
        marker: { symbol, color: colour, size: 9, line: { width: 1, color: colour } },
      };
    })
    .filter((trace) => trace.x.length);
  const most = Math.min(1, Math.max(0.05, ...both.flatMap((one) => [one.scores[0].value, one.scores[other].value])) * 1.06);
  const chance = [0, other].map((k) => middle(both.map((one) => one.scores[k].chance ?? 0)));
  const grey = { type: "rect", layer: "below", line: { width: 0 }, fillcolor: "rgba(128,128,128,0.22)" };
  const axis = (title) => ({ title: { text: title }, range: [0, most], zeroline: false });
  const layout = {
    ...withLegend(430, traces.length),
    xaxis: axis(`${literal(x.name)}, ${pooling}`),
    yaxis: axis(`${literal(y.name)}, ${pooling}`),
    dragmode: false,
    shapes: [
      { ...grey, x0: 0, x1: chance[0], y0: 0, y1: most },
      { ...grey, x0: 0, x1: most, y0: 0, y1: chance[1] },
      { type: "line", layer: "below", x0: 0, y0: 0, x1: most, y1: most, line: { color: GREY, width: 1, dash: "dot" } },
    ],
  };
  const count = (kind) => both.filter((one) => kindOf(one) === kind).length;
  const description = `${x.name} against ${y.name} in ${plural(both.length, "language")}: ${y.name} is clearly better in ${count("better")}, clearly worse in ${count("worse")}. Chance lies at about ${number(chance[0], 3)} and ${number(chance[1], 3)}. The table below holds the same numbers.`;
  return chart(host, traces, layout, { name: "mexa-scatter", description, onClick: (point) => point.customdata && onClick(point.customdata) });
}
