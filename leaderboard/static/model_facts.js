// What a model is and how it was measured: everything that its record says of itself.
import { h, number, plural, size } from "./dom.js";
import { difference, said } from "./page_parts.js";
import * as state from "./state.js";

/** Views that are listed openly. */
const MOST = 6;
const HUB_ID = /^[\w-][\w.-]*\/[\w.-]+$/;
const COMMIT = /^[0-9a-f]{40}$/;

const outside = (href, text) => h("a", { href, target: "_blank", rel: "noopener noreferrer" }, text);

/** A Hub id as a link to it; any other id as text. */
function hub(id, revision) {
  if (!id || !HUB_ID.test(id)) return id;
  return outside(`https://huggingface.co/${id}${COMMIT.test(revision ?? "") ? `/tree/${revision}` : ""}`, id);
}

const rows = (pairs) => h("dl.facts", {}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));

/** The base model: its page where the board has it, else the Hub. */
function base(model, models, viewOf) {
  const here = models.find((each) => each.id === model.base_model);
  return here ? h("a", { href: state.link({ page: "model", model: here.model, ...viewOf }) }, model.base_model) : hub(model.base_model);
}

/**
 * @param {object} model of GET scores @param {object[]} models that the view has
 * @param {Record<string, string>} viewOf keys of the view @returns {HTMLElement}
 */
export function identity(model, models, viewOf) {
  return rows([
    ["Id", hub(model.id, model.revision)],
    ["Revision", h("code", {}, model.revision)],
    ["File", model.file],
    ["Size", model.parameters ? `${size(model.parameters)}: ${number(model.parameters)} parameters` : "not known"],
    ["Architecture", [model.architecture, model.kind].filter(Boolean).join(", ")],
    ["Hidden states", model.states ? `${model.states}${model.hidden_size ? ` of ${number(model.hidden_size)} numbers` : ""}` : null],
    ["Weights", model.weights],
    ["Computed in", model.dtype],
    ["Licence", model.licence ?? "not stated"],
    ["Base model", base(model, models, viewOf)],
  ]);
}

const software = (run) => Object.entries(run.software ?? {}).map(([name, version]) => `${name} ${version}`).join(", ");
const when = (text) => (text ? `${text.slice(0, 10)} ${text.slice(11, 16)} UTC` : "");

function runOf(run) {
  const threads = run.threads ? `, ${plural(run.threads, "thread")}` : "";
  return h("li", {}, `${when(run.started)}, ${[run.device, run.machine].filter(Boolean).join(", ")}${threads}`, h("br"), h("span.hint", {}, software(run)));
}

/** A list that stays short; all of it on demand. */
function folded(items) {
  const list = h("ul.plain", {}, items);
  return items.length > MOST ? h("details", {}, h("summary", {}, `${items.length} other views`), list) : list;
}

/** @param {object} answer of GET scores with a model @param {(view: object) => string} address of a view's page */
export function provenance({ model, view, views = [] }, address) {
  const others = views.filter((each) => each.view !== view.view).map((each) => h("li", {}, h("a", { href: address(each) }, each.label)));
  return rows([
    ["Corpus", `${view.corpus}, build ${view.corpus_hash.slice(0, 12)}${view.split ? `, ${view.split}` : ""}, ${view.n} segments`],
    ["Embedding", `${view.embedding}, aligned to ${view.pivot}`],
    ["Evaluator", view.evaluator],
    ["Intervals", model.interval ?? "none"],
    ["Record", h("code", {}, model.record)],
    [model.runs?.length === 1 ? "Run" : "Runs", model.runs?.length ? h("ul.plain", {}, model.runs.map(runOf)) : null],
    ["Measured too as", others.length ? folded(others) : null],
  ]);
}

/**
 * The model beside its base model, what is made from it, and its size class.
 * @param {object} answer of GET scores with a model and `layers` @param {Record<string, string>} viewOf keys of the view
 */
export function relatives({ model, like, pooling }, viewOf) {
  if (!like?.length) return h("p.muted", {}, "The board has no base model of it, nothing made from it, and no other model of its size class.");
  const row = (other) => {
    const gap = difference(other.difference);
    const score = other[pooling];
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, h("a", { href: state.link({ page: "model", model: other.model, ...viewOf }), dir: "auto" }, other.name), h("span.hint", {}, ` ${other.weights} · ${other.dtype}`)),
      h("td", {}, other.relation),
      h("td.number", {}, size(other.parameters)),
      h("td.number", {}, score ? said(score) : "not all languages"),
      h("td", {}, gap ? [h("span.sign", { "aria-hidden": "true" }, gap.sign), ` ${gap.text}${gap.word === "no clear difference" ? "" : "; clear"}`] : "not known"),
      h("td", {}, h("a", { href: state.link({ page: "compare", models: `${model.model},${other.model}`, ...viewOf }) }, "compare")),
    );
  };
  const heads = ["Model", "Relation", "Size", `Average, ${pooling}`, `Beside ${model.name}`, h("span.visually-hidden", {}, "Compare")];
  return h("div.scroll", { tabindex: "0", role: "region", "aria-label": "Models to compare with" }, h("table.plain.stacked", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, like.map(row))));
}
