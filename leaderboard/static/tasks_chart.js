// One task over models: estimates are hollow, measurements filled.
import { number, plural, size } from "./dom.js";
import { GREY, chart, literal, narrow, range, said, shortened, withLegend } from "./page_parts.js";
import { COLOURS, clear } from "./plot.js";
import * as state from "./state.js";
import { isEstimate } from "./tasks_words.js";

const MOST = 30;

function points(models, cells, name, look) {
  const at = models.map((_, i) => i).filter((i) => cells[i]);
  const side = (end) => at.map((i) => (cells[i][end] === null ? 0 : Math.abs(cells[i][end] - cells[i].value)));
  return {
    type: "scatter",
    mode: "markers",
    cliponaxis: false,
    name,
    x: at.map((i) => cells[i].value),
    y: at,
    error_x: { type: "data", symmetric: false, array: side("high"), arrayminus: side("low"), color: look.color, thickness: 1.5, width: 0 },
    marker: { size: 10, line: { width: 2, color: look.color }, ...look },
    text: at.map((i) => `<b>${literal(models[i].name)}</b><br>${size(models[i].parameters)} ${literal(models[i].weights)}<br>${name}: ${said(cells[i])}`),
    customdata: at.map((i) => models[i].model),
    hovertemplate: "%{text}<extra></extra>",
  };
}

/**
 * @param {HTMLElement} host @param {object} answer of GET tasks @param {object} task one of its tasks
 */
export function dots(host, answer, task) {
  const estimates = isEstimate(answer);
  const there = answer.models.filter((model) => model.values[task.key].value !== null).sort((a, b) => b.values[task.key].value - a.values[task.key].value);
  const models = there.slice(0, MOST);
  if (!models.length) {
    clear(host);
    return host.replaceChildren(`No model has ${estimates ? "an estimate" : "a measurement"} of ${task.label} here: there is nothing to draw.`);
  }
  const cells = models.map((model) => ({ ...model.values[task.key], estimate: estimates }));
  const beside = models.map((model) => model.values[task.key].measured ?? null);
  const filled = { color: COLOURS[1], symbol: "diamond" };
  const traces = estimates
    ? [points(models, cells, "estimate", { color: COLOURS[0], symbol: "circle-open" }), ...(beside.some(Boolean) ? [points(models, beside, "measured", filled)] : [])]
    : [points(models, cells, "measured", filled)];
  const small = narrow();
  const guess = { type: "line", x0: task.guess, x1: task.guess, y0: 0, y1: 1, yref: "paper", layer: "below", line: { color: GREY, width: 1.5, dash: "dot" } };
  const layout = {
    ...withLegend(80 + 26 * models.length, traces.length),
    xaxis: { title: { text: `${small ? "" : `${literal(task.label)}, `}accuracy` }, range: [0, 1], zeroline: false },
    yaxis: { tickvals: models.map((_, i) => i), ticktext: models.map((model) => literal(shortened(model.name, small ? 18 : 40))), range: [models.length - 0.4, -0.6], showgrid: false, zeroline: false },
    shapes: [guess],
    annotations: [{ x: task.guess, y: 1, yref: "paper", yanchor: "bottom", xanchor: "center", text: "guessing", showarrow: false, font: { size: 11 } }],
    showlegend: true,
    dragmode: false,
  };
  const best = cells[0];
  const first = there.length > MOST ? `the first ${MOST} of ${there.length} models` : plural(there.length, "model");
  const description = `${task.label}, ${estimates ? "estimated" : "measured"} accuracy of ${first}; the highest is ${models[0].name}, ${number(best.value, 3)}${range(best) && `, ${range(best)}`}. Guessing gives ${task.guess}. The table above holds the same numbers.`;
  return chart(host, traces, layout, {
    name: `mexa-${task.task}-${answer.kind}`,
    description,
    onClick: (point) => point.customdata && state.go(state.link({ page: "model", model: point.customdata })),
  });
}
