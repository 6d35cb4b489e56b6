// What was not measured, forecast: hatched, with its interval and the error on scores held out, in a table of its own.
import { h, number, plural } from "./dom.js";
import { downloads } from "./downloads.js";
import * as net from "./net.js";
import { range } from "./page_parts.js";
import * as state from "./state.js";

/** Milliseconds between two looks while forecasts are being worked out. */
const PAUSE = 2000;
const MISSING = { cells: "single scores missing", blocks: "most of a model missing" };
const MEANS = { language_mean: "Language mean", model_mean: "Model mean", both_effects: "Both means added" };

/** A bar as long as the forecast, hatched: nothing that was measured is; the line across is the interval. */
function bar({ value, low, high }) {
  const node = h("span.hatched", { "aria-hidden": "true" });
  for (const [name, share] of Object.entries({ value, low, high })) node.style.setProperty(`--${name}`, share);
  return node;
}

const scroll = (label, ...inside) => h("div.scroll.tall", { tabindex: "0", role: "region", "aria-label": label }, inside);
const head = (names, numbers) => h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name)), numbers.map((name) => h("th.number", { scope: "col" }, name))));

function row(one, about, viewOf, pivot) {
  const [address, name] = about === "model" ? [{ page: "languages", language: one.language }, one.language_name] : [{ page: "model", model: one.model }, one.name];
  const more = about === "language" && h("span.hint", {}, ` ${one.weights} · ${one.dtype}`);
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, one.language === pivot && about === "model" ? name : h("a", { href: state.link({ ...address, ...viewOf }), dir: "auto" }, name), more),
    h("td.forecast", {}, bar(one.forecast), h("span.word", {}, "forecast "), number(one.forecast.value, 3)),
    h("td.number", {}, h("span.short-label", {}, "interval "), range(one.forecast)),
    h("td.number", {}, h("span.short-label", {}, "held-out error "), number(one.error, 3)),
  );
}

/** Held-out error of a part and of the means, both ways of missing. */
function checked(part) {
  const line = (check) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, MISSING[check.way]),
      [["Forecast", check.error], ...Object.entries(MEANS).map(([key, name]) => [name, check.baselines[key]])].map(([name, value]) => h("td.number", {}, h("span.short-label", {}, `${name} `), number(value, 3))),
      h("td.number", {}, h("span.short-label", {}, "intervals held "), `${number(check.coverage * 100)} %`),
      h("td.number", {}, h("span.short-label", {}, "of "), plural(check.scores, "score")),
    );
  const heads = head(["Off by, on average, with"], ["Forecast", ...Object.values(MEANS), "Intervals held", "Held out"]);
  return h("details.folded", {}, h("summary", {}, "Held-out errors beside the means"), h("div.inside", {}, h("div.scroll", { tabindex: "0", role: "region", "aria-label": `Held-out errors, ${part.label}` }, h("table.plain.stacked", {}, heads, h("tbody", {}, part.checks.map(line))))));
}

const upper = (text) => text[0].toUpperCase() + text.slice(1);
const errors = (part) => part.checks.map((check) => `${number(check.error, 3)} with ${MISSING[check.way]}`).join(", ");

/** A part's forecasts, or one line that says why there are none. */
function drawn(part, answer, about, viewOf) {
  if (part.reason !== null) return h("p.hint", {}, `No forecasts of ${part.label}: ${part.reason}.`);
  const rows = answer.forecasts.filter((one) => (one.task_key ?? "") === part.key);
  if (!rows.length) return [];
  const label = `Forecasts, ${part.label}`;
  const heads = head([about === "model" ? "Language" : "Model", "Forecast, not measured"], ["95 % interval", "Held-out error"]);
  return h("div.part", {}, h("p", {}, h("strong", {}, upper(part.label)), `: ${plural(rows.length, "forecast")}; on held-out scores off by ${errors(part)}.`), scroll(label, h("table.plain.stacked", {}, heads, h("tbody", {}, rows.map((one) => row(one, about, viewOf, answer.view.pivot))))), checked(part));
}

function take(host, found, about, viewOf, params, passes) {
  const answer = { ...found, forecasts: found.forecasts.filter(passes) };
  const some = answer.forecasts.length;
  if (!some && (!answer.missing || found.forecasts.length)) return host.replaceChildren();
  if (!answer.offered) return host.replaceChildren(h("p.hint", {}, `No forecasts of what is not measured: ${answer.reason ?? "too little is measured"}.`));
  const files = h("span.end");
  downloads(files, "forecast", () => params);
  const lead = h("p.muted", {}, `Not measured: what a low-rank model of the ${plural(answer.models, "model")} of this view expects where a score is missing. Hatched, in no rank and no average, listed by name.`);
  const few = some ? null : h("p.hint", {}, `Too little is measured of ${answer.model?.name ?? answer.language.name} to forecast the rest.`);
  const parts = answer.parts.map((part) => drawn(part, answer, about, viewOf)).flat();
  host.replaceChildren(h(about === "model" ? "h2" : "h3", {}, "Forecasts"), lead, ...parts, few ?? h("div.tools", {}, files));
}

/**
 * Ask for the forecasts of a model or in a language, again and again while they are worked out.
 * @param {HTMLElement} host @param {Record<string, string>} params of GET forecast
 * @param {"model"|"language"} about whose they are @param {Record<string, string>} viewOf keys of the view, for links
 * @param {(one: object) => boolean} [passes] which of them are shown
 * @returns {Promise<boolean>}
 */
export function forecasts(host, params, about, viewOf, passes = () => true) {
  const mine = (host.boardForecast = Symbol("forecasts"));
  const subject = JSON.stringify(params);
  if (host.dataset.subject !== subject) host.replaceChildren();
  host.dataset.subject = subject;
  const ask = (fresh) =>
    net.into(
      host,
      "forecast",
      params,
      (answer) => {
        take(host, answer, about, viewOf, params, passes);
        if (!answer.ready) setTimeout(() => host.isConnected && host.boardForecast === mine && ask(true), PAUSE);
      },
      { fresh },
    );
  return ask(false);
}
