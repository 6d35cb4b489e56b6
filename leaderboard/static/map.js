// The world with a dot for every language. No tiles: an outline of land, drawn as one shape.
import { number, plural } from "./dom.js";
import { SCALE } from "./plot.js";
import { GREY, chart, literal, narrow, people, range } from "./page_parts.js";

const WORLD = { x: [-170, 180], y: [-56, 74] };
const LEAST = 12;
let land = null;
/** What each host was last asked to show. */
const latest = new WeakMap();

function path(ring) {
  const points = [];
  for (let i = 0; i < ring.length; i += 2) points.push(`${ring[i]},${ring[i + 1]}`);
  return `M${points.join("L")}Z`;
}

function outline() {
  land ??= fetch(new URL("land.json", import.meta.url))
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error("The map could not be loaded."))))
    .then((rings) => rings.map(path).join(""));
  land.catch(() => (land = null));
  return land;
}

const hover = (one) =>
  `<b>${literal(one.name)}</b>${one.autonym && one.autonym !== one.name ? ` · ${literal(one.autonym)}` : ""}<br>` +
  (one.score ? `${number(one.score.value, 3)} (${range(one.score)})${one.score.at_chance ? ", at chance" : ""}<br>${literal(one.model)}` : "no model is above chance") +
  (one.counted ? `<br>${one.speakers ? `${people(one.speakers)} speakers` : "speakers not known"}` : "<br>a variant");

/** Once `host` has a width: a map drawn before that keeps a range that fits nothing. @returns {Promise<void>} */
function placed(host) {
  if (host.clientWidth) return Promise.resolve();
  return new Promise((resolve) => {
    const watch = new ResizeObserver(() => {
      if (!host.clientWidth) return;
      watch.disconnect();
      resolve();
    });
    watch.observe(host);
  });
}

/** Where to look: the world, or what the filters left of it. */
function frame(points, filtered) {
  if (!filtered || !points.length) return WORLD;
  const side = (key, least) => {
    const values = points.map((one) => one[key]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = Math.max(least, (high - low) * 0.08);
    return [low - room, high + room];
  };
  return { x: side("longitude", LEAST * 1.6), y: side("latitude", LEAST) };
}

/**
 * @param {HTMLElement} host
 * @param {Array<{language: string, name: string, autonym: string, latitude: number, longitude: number,
 *   speakers: number|null, score: object|null, model: string}>} points degrees; score null: none above chance
 * @param {{filtered: boolean, what: string, onClick: (code: string) => void}} how
 */
export async function worldMap(host, points, { filtered, what, onClick }) {
  latest.set(host, points);
  const [shape] = await Promise.all([outline(), placed(host)]);
  if (latest.get(host) !== points) return;
  const covered = points.filter((one) => one.score && !one.score.at_chance).sort((a, b) => a.score.value - b.score.value);
  const others = points.filter((one) => !covered.includes(one));
  const most = Math.max(0.1, ...covered.map((one) => Math.ceil(one.score.value * 10) / 10));
  const small = narrow();
  const shared = (mine, name) => ({
    type: "scatter",
    mode: "markers",
    name,
    x: mine.map((one) => one.longitude),
    y: mine.map((one) => one.latitude),
    customdata: mine.map((one) => one.language),
    text: mine.map(hover),
    hovertemplate: "%{text}<extra></extra>",
  });
  const bar = small ? { orientation: "h", y: -0.02, yanchor: "top", len: 0.9 } : { len: 0.85, x: 1.0 };
  const traces = [
    { ...shared(others, "at chance"), marker: { symbol: "circle-open", size: small ? 5 : 7, color: GREY, line: { width: 1.3, color: GREY } } },
    {
      ...shared(covered, "above chance"),
      marker: {
        size: small ? 7 : 9,
        color: covered.map((one) => one.score.value),
        colorscale: SCALE,
        cmin: 0,
        cmax: most,
        showscale: true,
        colorbar: { thickness: 10, outlinewidth: 0, title: { text: "alignment", side: small ? "top" : "right" }, ...bar },
        line: { width: 0.8, color: "rgba(255,255,255,0.85)" },
      },
    },
  ];
  const { x, y } = frame(points, filtered);
  const axis = { showgrid: false, zeroline: false, showticklabels: false, showline: false, ticks: "", constrain: filtered ? "range" : "domain" };
  const layout = {
    height: small ? 280 : 520,
    margin: { l: 0, r: 0, t: 30, b: small ? 40 : 0 },
    xaxis: { ...axis, range: x },
    yaxis: { ...axis, range: y, scaleanchor: "x", scaleratio: 1.15 },
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    shapes: [{ type: "path", path: shape, fillrule: "evenodd", layer: "below", fillcolor: "rgba(128,128,128,0.2)", line: { width: 0.6, color: "rgba(128,128,128,0.45)" } }],
    showlegend: true,
    // Swatches are grey dots: the colour is the bar's.
    legend: { orientation: "h", y: 1, yanchor: "bottom", x: 0, itemclick: false, itemdoubleclick: false },
  };
  const description = `World map of ${plural(points.length, "language")} by ${what}: ${covered.length} above chance, ${others.length} at chance or not covered. The table below holds the same numbers and links.`;
  return chart(host, traces, layout, { name: "mexa-map", description, onClick: (point) => point.customdata && onClick(point.customdata) });
}
