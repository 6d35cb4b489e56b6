// What the models table shows, in words: view, languages, who is left out and why.
import { h, number, plural } from "./dom.js";
import { viewName, viewNote } from "./views.js";

/**
 * @param {object} answer of GET models @param {number[]} left places of the models shown
 * @param {{pooling: string, ranked: number, across: boolean, count: HTMLElement, reset: HTMLElement}} what ranked: how
 *   many have a rank; count: the element whose change is read out; reset: a button for a set that
 *   holds no language
 * @returns {Array<Node|string>}
 */
export function sentence({ models, languages, view }, left, { pooling, ranked, across, count, reset }) {
  if (!models.length) {
    return ["Nothing is measured yet. ", h("a", { href: "?page=submit" }, "Submit a model"), " to begin."];
  }
  if (!languages.codes.length) {
    return [viewName(view), " has ", h("strong", {}, languages.said), ", so there is nothing to average. ", reset];
  }
  const out = models.length - left.length;
  count.textContent = out ? `${number(left.length)} of ${plural(models.length, "model")}` : plural(models.length, "model");
  const set = h("strong", {}, languages.said);
  const parts = [viewName(view), ": average over ", set, `, ${pooling} over layers. `, count];
  parts.push(out ? ` (the filters leave out ${number(out)}). ` : ". ");
  const lacking = left.filter((place) => models[place].missing).length;
  if (lacking) {
    const [lacks, is] = lacking === 1 ? ["lacks", "is"] : ["lack", "are"];
    parts.push(`${plural(lacking, "model")} ${lacks} some of the ${languages.codes.length} languages and ${is} not ranked. `);
  }
  if (view.kind !== "embedding") parts.push(`${viewNote(view)} `);
  if (ranked && view.hits) parts.push(across ? "Ranks are across all weights and dtypes." : "Ranks are among the same weights and dtype.");
  return parts;
}

/** The filters in use as chips. @param {HTMLElement} list @param {Array<{text: string, remove: () => void}>} filters */
export function chips(list, filters) {
  const chip = ({ text, remove }) => h("li", {}, h("span", { dir: "auto" }, text), h("button", { type: "button", "aria-label": `Remove the filter ${text}`, onclick: remove }, "×"));
  list.replaceChildren(...filters.map(chip));
  list.hidden = !filters.length;
}
