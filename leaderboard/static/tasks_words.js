// What the Tasks page says in words: which numbers these are, why some are missing, what the tasks ask.
import { h, number, plural } from "./dom.js";
import * as state from "./state.js";

/** @param {object} answer of GET tasks @returns {boolean} */
export const isEstimate = (answer) => answer.kind !== "measured";

/** What an interval of an estimate rests on, by the API's `errors`. @param {string|null} errors */
export const rests = (errors) =>
  ({
    own: "its interval says where a measurement is expected, from how far estimates were off in languages that this model was measured in, if the languages shown are like those",
    others: "its interval says where a measurement is expected, from how far estimates of other models were off, if this model is like those; averages need five of them",
  })[errors] ?? "how far such estimates are off is not known";

/** @param {object} task of GET tasks @returns {string} address of the page that says how far to trust it */
export const trust = (task, more = {}) => state.link({ page: "trust", task: task.key, ...more });

const guess = (answer) => number(answer.tasks[0].guess, 2);

/** @param {object} answer of GET tasks @param {Record<string, string>} viewOf @returns {Array<Node|string>} */
export function sentence(answer, viewOf) {
  const { codes, said } = answer.languages;
  if (!codes.length) return [h("strong", {}, "No language is left"), " of this set. Take a filter away."];
  const one = codes.length === 1;
  const where = one
    ? [" in ", h("a", { href: state.link({ page: "languages", language: codes[0] }) }, said)]
    : [`, average over ${said}`];
  if (!isEstimate(answer)) {
    const few = answer.tasks.some((task) => task.of && task.of < codes.length) ? ": those of them that a task was measured in, as its column says" : "";
    return [h("strong", {}, "Measured accuracy"), ...where, few, `. English has columns of its own. Guessing gives ${guess(answer)}`, one ? "; grey italics are no better than that." : "."];
  }
  const form =
    answer.kind === "plain"
      ? "alignment times English accuracy"
      : `${guess(answer)} + (English accuracy − ${guess(answer)}) × alignment; where nothing aligns that is what guessing gives`;
  const below = answer.kind === "plain" ? ` Where nothing aligns that is 0, less than guessing gives (${guess(answer)}).` : "";
  const link = h("a", { href: state.link({ page: "trust", pooling: viewOf.pooling }) }, "How far to trust them");
  return [h("strong", {}, "Estimates, not measurements"), ...where, `: ${form}.${below} `, link, ". What was measured over the same languages stands beside them in grey; ±? marks an estimate whose error is not known."];
}

/** @returns {HTMLElement} what a board without tasks says */
export const none = () =>
  h("p.message.plain", {}, "No task is measured on this board yet. ", h("a", { href: state.link({ page: "submit" }) }, "Submit a model"), " with a task, or ask one where this board runs: ", h("code", {}, "python -m evaluators ask MODEL --task udhr-cloze --languages all"), ".");

/**
 * Why numbers are missing, and what intervals of estimates rest on. What holds for a whole column is said
 * openly; the rest is folded.
 * @param {object} answer of GET tasks @returns {HTMLElement[]}
 */
export function blanks(answer) {
  const groups = new Map();
  const put = (task, why, model) => {
    const key = `${task.key} ${why}`;
    if (!groups.has(key)) groups.set(key, { task, why, models: [] });
    groups.get(key).models.push(model.name);
  };
  for (const task of answer.tasks) {
    for (const model of answer.models) {
      const cell = model.values[task.key];
      if (cell.reason) put(task, `blank: ${cell.reason}`, model);
      else if (isEstimate(answer)) put(task, rests(cell.errors), model);
    }
  }
  const all = answer.models.length;
  const line = ({ task, why, models }) => h("li", {}, h("strong", {}, task.label), `: ${why} (`, h("span", { dir: "auto" }, models.length === all && all > 1 ? `all ${plural(all, "model")}` : models.join(", ")), ")");
  const empty = answer.tasks.filter((task) => answer.models.every((model) => model.values[task.key].reason));
  const whole = [...groups.values()].filter((each) => empty.includes(each.task));
  const rest = [...groups.values()].filter((each) => !whole.includes(each));
  const open = whole.length ? h("ul.reasons", {}, whole.map(line)) : null;
  const title = isEstimate(answer) ? "Intervals and blanks explained" : "Why some numbers are missing";
  const fold = rest.length ? h("details.folded", {}, h("summary", {}, title), h("div.inside", {}, h("ul.reasons", {}, rest.map(line)))) : null;
  return [open, fold].filter(Boolean);
}

/** @param {object} answer of GET tasks @returns {HTMLElement} a table of what each task asks */
export function about(answer) {
  const heads = ["Task", "What it asks", "Questions", "Examples", "Measured in", h("span.visually-hidden", {}, "Trust")];
  const row = (task) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, task.title),
      h("td", {}, `${task.about}${task.local ? "; made from a corpus that alignment is measured on" : ""}`),
      h("td", {}, h("span.short-label", {}, "questions: "), task.limit ? `the first ${number(task.limit)}` : number(task.n)),
      h("td", {}, h("span.short-label", {}, "examples: "), task.few_shot ? `${task.few_shot}-shot` : "none"),
      h("td", {}, `${plural(task.models, "model")}, English and ${plural(task.languages, "language")}`),
      h("td", {}, h("a.away", { href: trust(task) }, "how far to trust it")),
    );
  return h("div.scroll", { tabindex: "0", role: "region", "aria-label": "What the tasks are" }, h("table.plain.stacked", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, answer.tasks.map(row))));
}
