// Alignment by layer: chosen languages as lines, all counted ones as a band, and what chance gives.
import { number, plural } from "./dom.js";
import { COLOURS, DASHES, SYMBOLS } from "./plot.js";
import { GREY, chart, literal, withLegend } from "./page_parts.js";

/** Lines that can still be told apart. */
export const MOST_LINES = 8;
const BAND = "rgba(86,180,233,0.28)";

/** What stands where a method has no layers to draw. */
export const SINGLE = "This embedding method gives one vector a segment, not one a layer: there is no curve over layers.";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Linear interpolation between order statistics, as numpy's default. */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

/**
 * @param {HTMLElement} host @param {object[]} scores of GET scores with `layers`
 * @param {string[]} codes languages to draw @param {{name: string, states: number}} model @param {object} view
 */
export function curves(host, scores, codes, model, view) {
  const lines = scores.filter((score) => score.layers?.length);
  const counted = lines.filter((score) => score.counted);
  const over = counted.length ? counted : lines;
  if (!lines.length) return host.replaceChildren("This record holds no layers, or has not been fetched yet.");
  if (view.single) return host.replaceChildren(SINGLE);
  const layers = [...lines[0].layers.keys()];
  const column = (key, k) => over.map((score) => score[key]?.[k]).filter((value) => value !== undefined && value !== null);
  const by = (key, act) => layers.map((k) => (column(key, k).length ? act(column(key, k)) : null));
  const low = by("layers", (values) => quantile(values, 0.1));
  const high = by("layers", (values) => quantile(values, 0.9));
  const average = by("layers", mean);
  const chance = by("layers_chance", mean);
  const bare = { type: "scatter", mode: "lines", hoverinfo: "skip" };
  const all = `${over.length} languages`;
  const traces = [
    { ...bare, x: layers, y: low, line: { width: 0 }, showlegend: false },
    { ...bare, x: layers, y: high, fill: "tonexty", fillcolor: BAND, line: { width: 0 }, name: "10th to 90th percentile" },
    { ...bare, x: layers, y: chance, fill: "tozeroy", fillcolor: "rgba(128,128,128,0.3)", line: { color: GREY, width: 1 }, name: "chance" },
    { type: "scatter", mode: "lines", x: layers, y: average, line: { color: GREY, width: 3 }, name: `mean of ${all}`, hovertemplate: "mean, layer %{x}: %{y:.3f}<extra></extra>" },
  ];
  const chosen = codes.map((code) => lines.find((score) => score.language === code)).filter(Boolean).slice(0, MOST_LINES);
  chosen.forEach((score, i) => {
    const name = literal(score.name);
    traces.push({
      type: "scatter",
      mode: "lines+markers",
      x: layers,
      y: score.layers,
      name,
      line: { color: COLOURS[i], dash: DASHES[i % DASHES.length], width: 2 },
      marker: { symbol: SYMBOLS[i], size: 6, color: COLOURS[i] },
      customdata: layers.map((k) => score.layers_chance?.[k] ?? null),
      hovertemplate: `<b>${name}</b>, layer %{x}: %{y:.3f}<br>chance %{customdata:.3f}<extra></extra>`,
    });
  });
  const layout = {
    ...withLegend(380, traces.length - 1),
    xaxis: { title: { text: "layer; 0 is the embedding" }, zeroline: false },
    yaxis: { title: { text: literal(view.title) }, rangemode: "tozero" },
    hovermode: "closest",
    dragmode: false,
  };
  const peak = average.indexOf(Math.max(...average));
  const said = chosen.map((score) => `${score.name} peaks at ${number(Math.max(...score.layers), 3)} in layer ${score.layers.indexOf(Math.max(...score.layers))}`).join("; ");
  const description = `${view.title[0].toUpperCase()}${view.title.slice(1)} of ${model.name} by layer. The mean of ${plural(over.length, "language")} is highest in layer ${peak}, ${number(average[peak], 3)}. ${said}.`;
  return chart(host, traces, layout, { name: "mexa-layers", description });
}
