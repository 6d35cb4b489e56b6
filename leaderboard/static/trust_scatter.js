// Alignment against accuracy: a point is a language of a model; estimates are lines, outliers have names.
import { number, plural } from "./dom.js";
import { GREY, chart, literal, narrow, shortened, withLegend } from "./page_parts.js";
import { COLOURS, SYMBOLS, clear } from "./plot.js";
import * as state from "./state.js";

/** Models whose points can be told apart, and whose lines can. */
const MOST = COLOURS.length;
const LINES = 2;
const NAMED = 6;

function cloud(model, mine, i, most, small) {
  const far = mine.filter((point) => point.outlier).sort((a, b) => Math.abs(b.residual) - Math.abs(a.residual));
  const named = new Set(far.slice(0, small ? NAMED / 2 : NAMED));
  return {
    type: "scatter",
    mode: "markers+text",
    cliponaxis: false,
    name: literal(shortened(model.name, small ? 26 : 40)),
    x: mine.map((point) => point.alignment),
    y: mine.map((point) => point.accuracy),
    text: mine.map((point) => (named.has(point) ? literal(shortened(point.name, 22)) : "")),
    textposition: mine.map((point) => `${point.residual < 0 ? "bottom" : "top"} ${point.alignment < most / 2 ? "right" : "left"}`),
    textfont: { size: 11 },
    hovertext: mine.map((point) => `<b>${literal(point.name)}</b>, ${literal(point.model_name)}<br>alignment ${number(point.alignment, 3)}, accuracy ${number(point.accuracy, 3)}${point.plain ? `<br>estimated ${number(point.plain.value, 3)}, corrected ${number(point.corrected.value, 3)}` : ""}`),
    hovertemplate: "%{hovertext}<extra></extra>",
    customdata: mine.map((point) => point.language),
    marker: { symbol: SYMBOLS[i], color: COLOURS[i], size: 8, opacity: 0.8, line: { width: 0.5, color: "rgba(255,255,255,0.6)" } },
  };
}

/** From no alignment to the right end: both forms are straight. */
function lines(model, guess, most, i, several) {
  const name = several ? `, ${literal(shortened(model.name, narrow() ? 14 : 24))}` : "";
  const line = (from, form, dash) => ({ type: "scatter", mode: "lines", x: [0, most], y: [from, from + (model.english - from) * most], name: `estimate, ${form}${name}`, hoverinfo: "skip", line: { color: COLOURS[i], width: 1.5, dash } });
  return [line(0, "plain", "dash"), line(guess, "corrected", "dot")];
}

/**
 * @param {HTMLElement} host @param {object} answer of GET trust
 * @param {object[]} models of the method that are shown @param {object[]} points theirs
 */
export function scatter(host, { task, methods, view, pooling }, models, points) {
  if (!points.length) {
    clear(host);
    return host.replaceChildren("No language has both alignment and accuracy: there is nothing to draw.");
  }
  const small = narrow();
  const all = methods.find((each) => each.view.view === view.view && each.pooling === pooling).models;
  // A model keeps its colour when it is drawn alone.
  const place = (model) => Math.max(0, all.findIndex((each) => each.model === model.model)) % MOST;
  const drawn = models.slice(0, MOST);
  const most = Math.min(1, Math.max(0.1, ...points.map((point) => point.alignment)) * 1.05);
  const clouds = drawn.map((model) => cloud(model, points.filter((point) => point.model === model.model), place(model), most, small));
  const lined = drawn.length <= LINES ? drawn.filter((model) => model.english !== null) : [];
  const traces = [...clouds, ...lined.flatMap((model) => lines(model, task.guess, most, place(model), drawn.length > 1))];
  const layout = {
    ...withLegend(430, small ? traces.length : traces.length + 2),
    xaxis: { title: { text: `alignment, ${pooling} over layers` }, range: [-0.02 * most, most], zeroline: false },
    yaxis: { title: { text: `accuracy, ${literal(task.title)}` }, range: [-0.02, 1.02], zeroline: false },
    shapes: [{ type: "line", x0: 0, x1: 1, xref: "paper", y0: task.guess, y1: task.guess, layer: "below", line: { color: GREY, width: 1.5, dash: "dashdot" } }],
    annotations: [{ x: 1, xref: "paper", xanchor: "right", y: task.guess, yanchor: "top", text: `guessing, ${number(task.guess, 2)}`, showarrow: false, font: { size: 11 } }],
    showlegend: true,
    dragmode: false,
  };
  const far = points.filter((point) => point.outlier);
  const left = models.length - drawn.length;
  const description = `Accuracy of ${task.label} against alignment: ${plural(points.length, "point")} of ${plural(drawn.length, "model")}${left > 0 ? `; ${left} more are not drawn, choose one above` : ""}. ${plural(far.length, "outlier")}${far.length ? `, such as ${far[0].name}` : ""}. The table below holds the same numbers.`;
  return chart(host, traces, layout, {
    name: `mexa-trust-${task.task}`,
    description,
    onClick: (point) => point.customdata && state.go(state.link({ page: "languages", language: point.customdata })),
  });
}
