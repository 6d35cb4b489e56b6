// What a model keeps of its alignment when a language's segments are spoiled.
import { h, number, plural } from "./dom.js";
import { downloads } from "./downloads.js";
import * as net from "./net.js";
import { GREY, chart, literal, said, withLegend } from "./page_parts.js";
import { COLOURS, SYMBOLS, clear } from "./plot.js";

/** Rows from which the table scrolls by itself. */
const LONG = 20;
const HOW = "Submit the model again with “Noise” under “Measure also”, or measure it with: python -m evaluators run MODEL --noise all.";

const kept = (value) => (value === null ? "–" : `${number(100 * value)} %`);

function cell({ score, kept: share }, label, whole = false) {
  if (!score) return h("td.number", {}, h("span.short-label", {}, `${label}: `), "not measured");
  return h("td.number", {}, h("span.short-label", {}, `${label}: `), h("strong", {}, kept(share)), ` ${whole ? said(score) : number(score.value, 3)}`);
}

function row(line, noises, tag, name, whole = false) {
  const clean = whole ? said(line.clean) : number(line.clean.value, 3);
  const grey = line.clean.at_chance ? [" ", h("span.muted", {}, "at chance")] : [];
  return h(tag, {}, h("th", { scope: "row" }, name), h("td.number", {}, h("span.short-label", {}, "clean "), clean, grey), line.noises.map((each, i) => cell(each, noises[i].title, whole)));
}

/** Clean against spoiled: on the line nothing is lost. */
function scatter(host, { noises, languages, view, model }) {
  const points = (i) => languages.filter((line) => line.noises[i].score);
  const most = Math.max(0.1, ...languages.map((line) => line.clean.value), ...languages.flatMap((line) => line.noises.map((each) => each.score?.value ?? 0))) * 1.05;
  const clouds = noises.map((noise, i) => ({
    type: "scatter",
    mode: "markers",
    name: literal(noise.title),
    x: points(i).map((line) => line.clean.value),
    y: points(i).map((line) => line.noises[i].score.value),
    text: points(i).map((line) => literal(line.name)),
    marker: { symbol: SYMBOLS[i % SYMBOLS.length], color: COLOURS[i % COLOURS.length], size: 8, opacity: 0.8 },
    hovertemplate: "<b>%{text}</b><br>clean %{x:.3f}, spoiled %{y:.3f}<extra></extra>",
  }));
  const line = { type: "scatter", mode: "lines", x: [0, most], y: [0, most], name: "nothing lost", line: { color: GREY, dash: "dash", width: 1.5 }, hoverinfo: "skip" };
  const layout = { ...withLegend(340, clouds.length + 1), xaxis: { title: { text: `${literal(view.title)}, clean` }, range: [0, most], zeroline: false }, yaxis: { title: { text: "under noise" }, range: [0, most], zeroline: false }, showlegend: true, dragmode: false };
  const description = `Alignment of ${model.name} under ${plural(noises.length, "kind")} of noise against clean segments, ${plural(languages.length, "language")}. The table below holds the same numbers.`;
  return chart(host, [...clouds, line], layout, { name: "mexa-noise", description });
}

/** @param {HTMLElement} host @param {Record<string, string>} params of GET noise: model, pooling and a view @returns {Promise<boolean>} */
export function noise(host, params) {
  return net.into(host, "noise", params, (answer) => {
    const { noises, languages, average, common, pooling } = answer;
    if (!noises.length) {
      const why = answer.view.kind === "embedding" ? `Nothing was measured under noise with this method. ${HOW}` : "Noise is measured with alignment alone: choose an embedding method above.";
      return host.replaceChildren(h("p.muted", {}, why));
    }
    const plot = h("div");
    const files = h("span.end");
    downloads(files, "noise", () => params);
    const heads = ["Language", "Clean", ...noises.map((each) => each.title)];
    const words = average
      ? [h("strong", {}, "Kept on average: "), noises.map((each, i) => `${i ? "; " : ""}${kept(average.noises[i].kept)} under ${each.title}`).join(""), `, over the ${plural(common, "language")} that were measured clean and under every noise, ${pooling} over layers, n = ${answer.view.n}.`]
      : ["No language was measured clean and under every noise, so there is no average."];
    const body = [average ? row(average, noises, "tr.pooled", `average of ${plural(common, "language")}`, true) : null, languages.map((each) => row(each, noises, "tr", h("span", { dir: "auto" }, each.name)))];
    const table = h("table.plain.stacked", {}, h("thead", {}, h("tr", {}, heads.map((head, i) => h(i ? "th.number" : "th", { scope: "col" }, head)))), h("tbody", {}, body));
    const how = noises.map((each) => h("li", {}, h("strong", {}, each.title), `: ${each.formula} (${each.source})`));
    host.replaceChildren(
      h("p.sentence", {}, words),
      plot,
      h("div.tools", {}, files),
      h(languages.length > LONG ? "div.scroll.tall" : "div.scroll", { tabindex: "0", role: "region", "aria-label": "Alignment under noise" }, table),
      h("ul.reasons", {}, how),
      h("p.hint", {}, "In bold the share of the clean score that is kept; – where the clean score is at chance and there is nothing to keep."),
    );
    clear(plot);
    return scatter(plot, answer);
  });
}
