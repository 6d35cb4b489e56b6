// What a model's page says first: its average beside its base model; and what it says where there is no score.
import { h, number, plural } from "./dom.js";
import * as net from "./net.js";
import { difference, said } from "./page_parts.js";
import { board } from "./shell.js";
import * as state from "./state.js";
import { viewKeys, viewName } from "./views.js";

/**
 * @param {object} answer of GET scores with a model and `layers`
 * @param {object|null} table answer of GET models in the same view @param {Record<string, string>} viewOf keys of the view
 * @returns {Array<Node|string>}
 */
export function inShort({ model, like, pooling }, table, viewOf) {
  const row = table?.models.find((each) => each.model === model.model);
  if (!row) return [];
  const { said: set, codes } = table.languages;
  if (!row[pooling]) return [h("strong", {}, `No average over the ${set}`), `: ${row.missing} of them ${row.missing === 1 ? "is" : "are"} not measured; above chance in ${row.above_chance} of ${row.of}.`];
  const parts = [h("strong", {}, `Average ${said(row[pooling])}`), ` over the ${set}, above chance in ${row.above_chance} of ${row.of ?? codes.length}`];
  const ranked = table.models.filter((each) => each.rank && each.weights === row.weights && each.dtype === row.dtype).length;
  if (row.rank && ranked > 1) {
    const { low, high } = row.rank;
    parts.push(`; rank ${low === high ? number(low) : `${number(low)} to ${number(high)}`} of the ${plural(ranked, "model")} in ${row.weights}`);
  }
  const base = like?.find((each) => each.relation === "base model");
  const gap = base && difference(base.difference);
  if (gap) {
    const name = h("a", { href: state.link({ page: "model", model: base.model, ...viewOf }), dir: "auto" }, base.name);
    parts.push("; base model ", name, `: ${gap.text}`);
  }
  return [...parts, "."];
}

/** @param {object} view @param {string} key of a model @param {string} pooling @returns {string} address of the model in it */
export const inView = (view, key, pooling) => state.link({ page: "model", model: key, ...viewKeys(view), pooling });

/** The views that have a model: a score's answer in any of them names all. @param {string} key @returns {Promise<object[]>} */
async function viewsOf(key) {
  const there = await net.get("layers", { model: key }).catch((error) => {
    if (error.status !== 404) throw error;
  });
  if (!there) return [];
  for (const { view } of (await board()).views) {
    const answer = await net.get("scores", { view, model: key }).catch((error) => {
      if (error.status !== 404) throw error;
    });
    if (answer) return answer.views;
  }
  return [];
}

/**
 * What stands in place of the scores of a model that a view does not have.
 * @param {string} key @param {object|null} view the one that is shown @param {string} pooling
 * @returns {Promise<HTMLElement>} rejects where the board does not answer
 */
export async function absent(key, view, pooling) {
  const views = await viewsOf(key);
  const models = h("a", { href: state.link({ page: "models" }) }, "all models");
  if (!views.length) {
    const submit = h("a", { href: state.link({ page: "submit" }) }, "Submit it");
    return h("p.message.plain.absent", { role: "status" }, "The board has no model ", h("strong", { dir: "auto" }, key), ". ", submit, " to have it measured, or look at ", models, ".");
  }
  const links = views.map((each) => h("li", {}, h("a", { href: inView(each, key, pooling) }, `${each.label} (build ${each.corpus_hash.slice(0, 8)})`)));
  const here = view ? ["in this view (", viewName(view), ")"] : ["in this view"];
  return h("div.message.plain.absent", { role: "status" }, h("strong", { dir: "auto" }, key), " is not measured ", ...here, ". It is in:", h("ul", {}, links), "Or choose another model above, or look at ", models, ".");
}
