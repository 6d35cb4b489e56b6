// What the Trust page says in words, bad news as openly as good.
import { h, number, plural } from "./dom.js";
import { said } from "./page_parts.js";
import * as state from "./state.js";

/** Models said one by one; the table has all. */
const MOST = 6;
const NAMED = 12;
const CLEAR = ["predicts", "in part", "weakly", "not", "against"];

/** @param {object} method of GET trust @returns {string} `udhr · 28 segments · weighted mean, mean over layers` */
export const methodName = ({ view, pooling }) => `${view.label}, ${pooling} over layers`;

const bold = (text) => h("strong", {}, text);

function judged(model, answer) {
  const name = h("span", { dir: "auto" }, model.name);
  const words = answer.verdicts[model.verdict] ?? model.verdict;
  if (!model.pearson) return h("li", {}, name, ": ", bold(words), ` (${plural(model.n, "language")}, or they do not differ).`);
  const { plain, corrected } = model.forms;
  const useful = corrected && model.constant !== null ? bold(corrected.mae < model.constant ? "Corrected estimates are nearer than one guess for all languages." : "Estimates are no nearer than one guess for all languages.") : "";
  const off = plain && corrected ? ` Estimates are off by ${number(plain.mae, 3)} on average, corrected for guessing by ${number(corrected.mae, 3)}; the mean of the other languages, the same for all, would be off by ${number(model.constant, 3)}.` : " Without an English score there is no estimate.";
  return h("li", {}, name, ": ", bold(words), `: Pearson ${said(model.pearson, 2)} over ${plural(model.n, "language")}. `, useful, h("span.muted", {}, off));
}

/** @param {object} answer of GET trust @param {object|undefined} method the one whose points it has @returns {Node[]} */
export function verdicts(answer, method) {
  if (!method?.models.length) return [h("p.verdict", {}, bold(answer.task.label), ": no model has both this task and alignment in the same languages, so nothing can be said.")];
  const { models } = method;
  const counts = [...CLEAR, "unknown"].map((key) => [key, models.filter((model) => model.verdict === key).length]).filter(([, count]) => count);
  const words = { predicts: "predicts it well", "in part": "predicts it in part", weakly: "predicts it weakly", not: "shows no sign of predicting it", against: "runs against it", unknown: "cannot be judged" };
  const first = counts.map(([key, count], i) => `${i ? "" : "alignment "}${words[key]} for ${count === models.length ? (count === 1 ? models[0].name : `all ${plural(count, "model")}`) : `${number(count)} of ${plural(models.length, "model")}`}`);
  const sorted = [...models].sort((a, b) => (b.pearson?.value ?? -2) - (a.pearson?.value ?? -2));
  const shown = sorted.slice(0, MOST);
  const more = sorted.length - shown.length;
  const paper = method.mean_pearson === null ? "" : ` Here it is ${number(method.mean_pearson, 2)} on average over the models.`;
  return [
    h("p.verdict", {}, bold(answer.task.label), ": ", h("span", { dir: "auto" }, first.join("; ")), "."),
    h("ul.reasons", {}, shown.map((model) => judged(model, answer)), more ? h("li", {}, `${plural(more, "model")} more in the table below.`) : null),
    h("p", {}, `The MEXA paper reports a Pearson correlation of ${number(answer.paper, 2)} on average over models, tasks and corpora.${paper}`),
  ];
}

/** @param {object} answer of GET trust @returns {HTMLElement[]} list items */
export function caveats({ task, methods }) {
  const found = [h("li", {}, "Intervals are of a bootstrap over languages, as if they were independent. Related ones are not, so the intervals are somewhat too narrow. That an estimate's interval holds the measurement of a language left out is so by construction; without its whole family it may fail, which is the number after the semicolon.")];
  if (task.local) {
    const { view } = methods[0] ?? {};
    found.push(h("li", {}, bold("The same document"), `: alignment is measured on the odd articles of the Universal Declaration of Human Rights${view ? ` (${view.n} segments)` : ""}, the cloze asks of the even ones, but the text is one and very likely in training data. It is no evidence for question answering.`));
  }
  found.push(h("li", {}, `With four answers guessing gives ${number(task.guess, 2)}${task.n < 100 ? `; with ${task.n} questions a language, a single accuracy may be ${number(1.96 * Math.sqrt(0.25 / task.n), 2)} off by luck` : ""}.`));
  return found;
}

/** @param {object} answer of GET trust @returns {Array<Node|string>} which method predicts best here */
export function best({ best: found }) {
  if (!found) return [bold("No method can be compared"), ": too few languages, or accuracies that do not differ."];
  const first = [bold("Best here: "), methodName(found)];
  if (!found.ahead_of) return [...first, ", the only one with enough languages."];
  const { gap } = found;
  if (!gap) return [...first, `, before ${methodName(found.ahead_of)}; how far ahead is not known.`];
  const clear = gap.low > 0;
  return [...first, ", ", bold(clear ? "clearly ahead" : "not clearly ahead"), ` of ${methodName(found.ahead_of)}: mean Pearson over the models differs by ${signed(gap.value, 3)} (${signed(gap.low, 3)} to ${signed(gap.high, 3)}).`];
}

/** @param {object[]} points @param {object[]} models that are shown @returns {Array<Node|string>} the outliers by name */
export function outliers(points, models) {
  const far = points.filter((point) => point.outlier).sort((a, b) => Math.abs(b.residual) - Math.abs(a.residual));
  if (!points.length) return [];
  if (!models.some((model) => model.pearson)) return ["Too few languages to draw a straight line and name outliers."];
  if (!far.length) return ["No language lies more than two standard deviations off its model's straight line."];
  const link = (point) => h("a", { href: state.link({ page: "languages", language: point.language }) }, point.name);
  const parts = far.slice(0, NAMED).flatMap((point, i) => [i ? ", " : "", link(point), ` (${signed(point.residual)}${models.length > 1 ? `, ${point.model_name}` : ""})`]);
  const more = far.length - NAMED;
  return [bold(plural(far.length, "outlier")), ", more than two standard deviations off the straight line: ", ...parts, more > 0 ? ` and ${more} more in the table.` : "."];
}

/** @param {number} value @returns {string} `+2.4` */
export const signed = (value, digits = 1) => `${value < 0 ? "−" : "+"}${number(Math.abs(value), digits)}`;
