// Charts by Plotly, fetched when the first is drawn; colours come from the page and follow it.
import { h } from "./dom.js";

/** Okabe and Ito's, which colour-blind readers can tell apart; grey is kept for text. */
export const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6d3b", "#999933"];
/** Marker shapes and dashes to go with them: colour never stands alone. */
export const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon"];
export const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
/** For heat and maps: dark is low on a light page, and both ends can be told in grey. */
export const SCALE = "Cividis";

/** After the next frame: parsing the library takes most of a second, and rows go first. */
const painted = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go, 30)));

let library = null;
function plotly() {
  library ??= painted().then(load);
  return library;
}

function load() {
  return new Promise((resolve, reject) => {
    const script = h("script", { src: new URL("plotly.min.js", import.meta.url).href });
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      library = null;
      reject(new Error("The charts could not be loaded. Check the connection, then try again."));
    };
    document.head.append(script);
  });
}

const drawn = new Map();
const variable = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

function themed(layout) {
  const text = variable("--body-text-color") || "#333";
  const line = variable("--border-color-primary") || "#ddd";
  const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, automargin: true, tickfont: { color: text } };
  const next = {
    height: 420,
    margin: { l: 56, r: 12, t: 12, b: 48 },
    hovermode: "closest",
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
    ...layout,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: 12, color: text, ...layout.font },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: text, activecolor: text },
    hoverlabel: { font: { family: "system-ui, sans-serif" } },
    xaxis: { ...axis, ...layout.xaxis },
    yaxis: { ...axis, ...layout.yaxis },
    polar: layout.polar && {
      bgcolor: "rgba(0,0,0,0)",
      ...layout.polar,
      radialaxis: { gridcolor: line, linecolor: line, ...layout.polar.radialaxis },
      angularaxis: { gridcolor: line, linecolor: line, ...layout.polar.angularaxis },
    },
  };
  if (!next.polar) delete next.polar;
  return next;
}

/**
 * Draw, or draw anew, a chart in `host`.
 * @param {HTMLElement} host @param {object[]} traces @param {object} layout as Plotly takes them
 * @param {{name: string, description: string, onClick?: (point: object) => void}} what name: file
 *   name of the PNG; description: what the chart shows, for those who do not see it
 * @returns {Promise<void>} rejects with an Error for a person when the library cannot be had
 */
export async function draw(host, traces, layout, { name, description, onClick }) {
  const before = drawn.get(host);
  let place = before?.place;
  if (!place?.isConnected || place.parentElement !== host) {
    place = h("div.plot", { role: "figure" }); // not img: the button for the PNG is inside
    host.replaceChildren(place);
  }
  place.setAttribute("aria-label", description);
  place.style.minHeight = `${layout.height ?? 420}px`;
  drawn.set(host, { place, traces, layout, what: { name, description, onClick } });
  const Plotly = await plotly();
  if (drawn.get(host)?.traces !== traces || drawn.get(host).place !== place) return;
  const config = {
    responsive: true,
    displaylogo: false,
    displayModeBar: true,
    modeBarButtons: [["toImage"]],
    toImageButtonOptions: { format: "png", filename: name, scale: 2 },
  };
  await Plotly.react(place, traces, themed(layout), config);
  place.removeAllListeners?.("plotly_click");
  if (onClick) place.on("plotly_click", (event) => onClick(event.points[0]));
}

/** Take a chart away and free what it holds. @param {HTMLElement} host */
export function clear(host) {
  const before = drawn.get(host);
  drawn.delete(host);
  if (before && window.Plotly) window.Plotly.purge(before.place);
  host.replaceChildren();
}

// Gradio marks a dark page by a class of the body; a chart may then not be in its place yet.
new MutationObserver(() => {
  for (const [host, { place, traces, layout, what }] of drawn) {
    if (place.parentElement === host) draw(host, traces, layout, what).catch(() => {});
    else drawn.delete(host);
  }
}).observe(document.body, { attributes: true, attributeFilter: ["class"] });
