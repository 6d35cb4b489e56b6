// Average against size: what a model gives for its parameters.
import { number, plural, size } from "./dom.js";
import { go, link } from "./state.js";
import { literal } from "./page_parts.js";
import { COLOURS, SYMBOLS, draw } from "./plot.js";

const KINDS = ["decoder", "encoder", "encoder-decoder", "static"];
const TICKS = [1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

/**
 * @param {HTMLElement} host @param {object[]} models of GET models, those shown
 * @param {"mean"|"max"} pooling @param {Record<string, string>} asked view and pooling, for links
 */
export function chart(host, models, pooling, asked) {
  const drawable = models.filter((model) => model[pooling] && model.parameters && !model.missing);
  const kinds = [...new Set(drawable.map((model) => model.kind ?? "kind not stated"))];
  const place = (kind) => (KINDS.includes(kind) ? KINDS.indexOf(kind) : KINDS.length);
  const traces = kinds.map((kind) => {
    const mine = drawable.filter((model) => (model.kind ?? "kind not stated") === kind);
    const colour = COLOURS[place(kind)];
    const side = (name) => mine.map((model) => (model[pooling][name] === null ? 0 : Math.abs(model[pooling][name] - model[pooling].value)));
    return {
      type: "scatter",
      mode: "markers",
      name: kind,
      x: mine.map((model) => model.parameters),
      y: mine.map((model) => model[pooling].value),
      error_y: { type: "data", symmetric: false, array: side("high"), arrayminus: side("low"), thickness: 1, width: 0, color: `${colour}66` },
      marker: { color: colour, symbol: SYMBOLS[place(kind)], size: 8, opacity: 0.85, line: { width: 0.5, color: "rgba(255,255,255,0.6)" } },
      customdata: mine.map((model) => model.model),
      text: mine.map((model) => hover(model, model[pooling])),
      hovertemplate: "%{text}<extra></extra>",
    };
  });
  const layout = {
    height: 400,
    xaxis: { title: { text: "parameters" }, type: "log", tickvals: TICKS, ticktext: TICKS.map(size) },
    yaxis: { title: { text: `average alignment, ${pooling}` }, rangemode: "tozero" },
    showlegend: kinds.length > 1,
  };
  const left = models.length - drawable.length;
  const description = `Average alignment against size for ${plural(drawable.length, "model")}${left ? `; ${left} without an average or a known size are not drawn` : ""}. The table holds the same numbers.`;
  return draw(host, traces, layout, {
    name: `mexa-models-${pooling}`,
    description,
    onClick: (point) => go(link({ page: "model", model: point.customdata, ...asked })),
  });
}

const hover = (model, score) =>
  `<b>${literal(model.name)}</b><br>${size(model.parameters)} · ${literal(model.weights)} · ${literal(model.dtype)}<br>` +
  `${number(score.value, 3)}${score.low === null ? "" : ` (${number(score.low, 3)}–${number(score.high, 3)})`}`;
