// Statistics of a model's layers: one at a time, by language, with its formula and what higher means.
import { select } from "./controls.js";
import { MOST_LINES } from "./curves.js";
import { h, number, plural } from "./dom.js";
import { downloads } from "./downloads.js";
import * as net from "./net.js";
import { GREY, chart, literal, narrow, withLegend } from "./page_parts.js";
import { COLOURS, DASHES, SCALE, SYMBOLS, clear } from "./plot.js";
import * as state from "./state.js";

const DIGITS = 3;
const MEAN = "mean";
const HOW = "Submit the model again with “Statistics of layers” under “Measure also”, or measure it with: python -m evaluators run MODEL --statistic all.";

const average = (lines) => lines[0].map((_, k) => lines.reduce((sum, line) => sum + line[k], 0) / lines.length);

/** Lowest, highest and last of a curve, in words. */
function ends(line) {
  const at = (value) => `${number(value, DIGITS)} in layer ${line.indexOf(value)}`;
  return [at(Math.min(...line)), at(Math.max(...line)), number(line.at(-1), DIGITS)];
}

/** What a statistic goes by: its name, and its view where it was measured by other methods or pivots before. */
const keyed = (statistics) => statistics.map((each, i) => [statistics.findIndex((one) => one.statistic === each.statistic) === i ? each.statistic : each.view, each]);

/** Its title, with method and pivot where it was measured by several. */
function titled(each, statistics) {
  const alike = statistics.filter((one) => one.statistic === each.statistic).length > 1;
  return alike ? [each.title, each.method, ...(each.beside ? [`beside ${each.beside}`] : [])].join(" · ") : each.title;
}

export class Statistics {
  constructor() {
    this.statistic = select({ label: "Statistic", name: "statistic", options: [], onChange: () => this.choose() });
    this.language = select({ label: "Language of the map", name: "map-language", options: [], onChange: () => this.draw() });
    this.plot = h("div");
    this.about = h("div");
    this.table = h("div");
    this.files = h("span.end");
    downloads(this.files, "layers", () => this.asked());
    this.controls = h("div.controls", {}, h("div.wide", {}, this.statistic.element), h("div.wide", {}, this.language.element));
    this.inner = h("div", {}, this.controls, this.about, this.plot, h("div.tools", {}, this.files), this.table);
    this.element = h("div.results");
  }

  /**
   * @param {Record<string, string>} params of GET layers: model, corpus, embedding
   * @param {string[]} codes languages to draw @param {string|undefined} wanted statistic that an address asks for
   * @returns {Promise<string[]>} what was not understood
   */
  async show(params, codes, wanted) {
    this.params = params;
    this.codes = codes;
    const asked = wanted ?? this.own();
    this.waiting = asked;
    let bad = [];
    await net.into(this.element, "layers", { ...params }, (answer) => {
      this.views = new Map(keyed(answer.statistics));
      const names = [...this.views.keys()];
      if (wanted && !names.includes(wanted)) bad = [`the statistic “${wanted}”`];
      this.statistic.options([...this.views].map(([key, each]) => [key, titled(each, answer.statistics)]));
      this.statistic.set(names.includes(asked) ? asked : (names[0] ?? ""));
      this.first = names[0];
      this.waiting = null;
      if (!names.length) return this.nothing();
      if (this.statistic.value === names[0]) this.take(answer);
    });
    if (this.first && this.statistic.value !== this.first && this.statistic.value) await this.load();
    return bad;
  }

  /** The key of the address. */
  own() {
    if (this.waiting !== null) return this.waiting ?? "";
    return this.statistic.value && this.statistic.value !== this.first ? this.statistic.value : "";
  }

  nothing() {
    clear(this.plot);
    this.element.replaceChildren(h("p.muted", {}, `No statistic of its layers is measured in this corpus. ${HOW}`));
  }

  choose() {
    state.set({ statistic: this.own() });
    return this.load();
  }

  /** The chosen one, as the API is asked for it. */
  asked() {
    const key = this.statistic.value;
    const about = this.views?.get(key);
    return { ...this.params, ...(about ? { statistic: about.statistic } : {}), ...(about && about.statistic !== key ? { view: key } : {}) };
  }

  load() {
    return net.into(this.element, "layers", this.asked(), (answer) => this.take(answer));
  }

  /** Other languages are drawn. @param {string[]} codes */
  drawn(codes) {
    this.codes = codes;
    if (this.answer && this.inner.isConnected) this.draw();
  }

  take(answer) {
    this.answer = answer;
    if (this.inner.parentElement !== this.element) this.element.replaceChildren(this.inner);
    const { statistic, languages } = answer;
    const rows = [["Formula", statistic.formula], ["Higher means", statistic.higher], ["Source", statistic.source], ["Measured", `${statistic.statistic}@${statistic.version} on ${answer.view.corpus}, ${answer.view.n} segments, ${answer.view.method}${statistic.beside ? `, each language beside ${statistic.beside}` : ""}`]];
    this.about.replaceChildren(h("dl.facts", {}, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
    const several = answer.curves.length > 1;
    this.language.element.parentElement.hidden = !several;
    if (several) {
      const counted = languages.filter((each) => each.counted);
      this.language.options([[MEAN, `mean of ${plural(counted.length, "language")}`], ...languages.map((each) => [each.language, each.name])]);
    }
    this.draw();
  }

  draw() {
    const { languages, curves } = this.answer;
    if (!languages.length) {
      clear(this.plot);
      this.plot.replaceChildren(h("p.muted", {}, "The record has not been fetched yet; come back in a minute."));
      return this.table.replaceChildren();
    }
    return curves.length > 1 ? this.map() : this.lines();
  }

  /** Counted languages, or all where none is. */
  over() {
    const counted = this.answer.languages.filter((each) => each.counted);
    return counted.length ? counted : this.answer.languages;
  }

  lines() {
    const { languages, statistic, curves, model } = this.answer;
    const of = (each) => each.curves[curves[0]];
    const over = this.over();
    const mean = average(over.map(of));
    const chosen = this.codes.map((code) => languages.find((each) => each.language === code)).filter(Boolean).slice(0, MOST_LINES);
    const layers = [...mean.keys()];
    const name = `mean of ${plural(over.length, "language")}`;
    const trace = (text, y, line, marker) => ({ type: "scatter", mode: marker ? "lines+markers" : "lines", x: layers, y, name: literal(text), line, ...(marker ? { marker } : {}), hovertemplate: `<b>${literal(text)}</b>, layer %{x}: %{y:.${DIGITS}f}<extra></extra>` });
    const traces = [trace(name, mean, { color: GREY, width: 3 }), ...chosen.map((each, i) => trace(each.name, of(each), { color: COLOURS[i], dash: DASHES[i % DASHES.length], width: 2 }, { symbol: SYMBOLS[i], size: 6, color: COLOURS[i] }))];
    const layout = { ...withLegend(340, traces.length), xaxis: { title: { text: "layer; 0 is the embedding" }, zeroline: false }, yaxis: { title: { text: literal(statistic.title) }, zeroline: false }, dragmode: false, showlegend: true };
    const rows = [[name, mean], ...chosen.map((each) => [each.name, of(each)])];
    this.tabled("Language", rows);
    const [low, high] = ends(mean);
    const description = `${statistic.title} of ${model.name} by layer. The ${name} is lowest at ${low} and highest at ${high}. The table below has the same of ${plural(chosen.length, "chosen language")}.`;
    return chart(this.plot, traces, layout, { name: `mexa-${statistic.statistic}`, description });
  }

  map() {
    const { languages, statistic, curves, model } = this.answer;
    const one = languages.find((each) => each.language === this.language.value);
    const over = this.over();
    const rows = curves.map((name) => [name, one ? one.curves[name] : average(over.map((each) => each.curves[name]))]);
    const label = (name) => name.replace(/^d-/, "first ");
    const small = narrow();
    const trace = {
      type: "heatmap",
      z: rows.map(([, line]) => line),
      x: [...rows[0][1].keys()],
      y: rows.map(([name]) => label(name)),
      colorscale: SCALE,
      zmin: 0,
      zmax: Math.max(0.1, ...rows.flatMap(([, line]) => line)),
      hovertemplate: "%{y} dimensions, layer %{x}: %{z:.3f}<extra></extra>",
      colorbar: small ? { orientation: "h", thickness: 10, y: 1.02, yanchor: "bottom", outlinewidth: 0 } : { thickness: 10, outlinewidth: 0, title: { text: "alignment", side: "right" } },
    };
    const layout = { height: 120 + 40 * rows.length, margin: { l: 70, r: 12, t: small ? 50 : 8, b: 48 }, xaxis: { title: { text: "layer; 0 is the embedding" }, showgrid: false, zeroline: false, fixedrange: true }, yaxis: { type: "category", title: { text: "dimensions" }, showgrid: false, fixedrange: true }, dragmode: false };
    this.tabled("Dimensions", rows.map(([name, line]) => [label(name), line]));
    const who = one ? one.name : `the mean of ${plural(over.length, "language")}`;
    const description = `${statistic.title} of ${model.name} for ${who}: ${rows.length} numbers of dimensions by ${rows[0][1].length} layers. All dimensions are highest at ${ends(rows.at(-1)[1])[1]}.`;
    return chart(this.plot, [trace], layout, { name: `mexa-${statistic.statistic}`, description });
  }

  tabled(first, rows) {
    const heads = [first, "Lowest", "Highest", "Last layer"];
    const labels = ["", "lowest ", "highest ", "last layer "];
    const cells = (line) => ends(line).map((text, i) => h("td.number", {}, h("span.short-label", {}, labels[i + 1]), text));
    this.table.replaceChildren(h("div.scroll", { tabindex: "0", role: "region", "aria-label": "Statistic by layer in short" }, h("table.plain.stacked", {}, h("thead", {}, h("tr", {}, heads.map((head, i) => h(i ? "th.number" : "th", { scope: "col" }, head)))), h("tbody", {}, rows.map(([name, line]) => h("tr", {}, h("th", { scope: "row" }, name), cells(line)))))));
  }
}
