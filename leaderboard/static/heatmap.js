// Every language by every layer, as one image: 1,401 rows stay smooth.
import { SINGLE } from "./curves.js";
import { plural } from "./dom.js";
import { SCALE } from "./plot.js";
import { chart, literal, narrow } from "./page_parts.js";

export const ORDERS = [["score", "best first"], ["family", "by family"], ["name", "by name"]];

const compare = (a, b) => (a ?? "\uffff").localeCompare(b ?? "\uffff");

/**
 * @param {HTMLElement} host @param {object[]} scores of GET scores with `layers`, best first
 * @param {"score"|"family"|"name"} order @param {object} view of the answer
 */
export function heatmap(host, scores, order, view) {
  const rows = scores.filter((score) => score.layers?.length);
  if (!rows.length) return host.replaceChildren("This record holds no layers, or has not been fetched yet.");
  if (view.single) return host.replaceChildren(SINGLE);
  if (order === "name") rows.sort((a, b) => compare(a.name, b.name));
  if (order === "family") rows.sort((a, b) => compare(a.family, b.family));
  const small = narrow();
  // Two languages may share a name; a category may not.
  const names = rows.map((score) => `${literal(score.name)} (${score.language})`);
  const layers = [...rows[0].layers.keys()];
  const family = (score) => (score.family ? `<br>${literal(score.family)}` : "");
  const trace = {
    type: "heatmap",
    z: rows.map((score) => score.layers),
    x: layers,
    y: names,
    customdata: rows.map((score) => layers.map(() => [score.language, family(score)])),
    hovertemplate: "<b>%{y}</b>%{customdata[1]}<br>layer %{x}: %{z:.3f}<extra></extra>",
    colorscale: SCALE,
    zmin: 0,
    zmax: Math.max(0.1, Math.ceil(10 * Math.max(...rows.map((score) => Math.max(...score.layers)))) / 10),
    colorbar: small ? { orientation: "h", thickness: 10, y: 1.02, yanchor: "bottom", outlinewidth: 0 } : { thickness: 10, outlinewidth: 0, title: { text: literal(view.title), side: "right" } },
  };
  const layout = {
    height: Math.min(640, 140 + 18 * rows.length),
    margin: { l: small ? 8 : 60, r: 12, t: small ? 50 : 8, b: 48 },
    xaxis: { title: { text: "layer; 0 is the embedding" }, fixedrange: true, showgrid: false, zeroline: false },
    yaxis: { type: "category", range: [rows.length - 0.5, -0.5], showgrid: false, showticklabels: !small, ticks: "", title: { text: "" } },
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
  };
  const best = rows.reduce((a, b) => (Math.max(...b.layers) > Math.max(...a.layers) ? b : a));
  const description = `${view.title[0].toUpperCase()}${view.title.slice(1)} of ${plural(rows.length, "language")} in every layer, ${ORDERS.find(([key]) => key === order)[1]}; the highest is ${best.name}. The table below holds each language's mean, maximum and best layer.`;
  return chart(host, [trace], layout, { name: "mexa-heatmap", description });
}
