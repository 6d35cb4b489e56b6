// Which embedding method or score agrees best with a task, over cells that all of them share.
import { h, number, plural } from "./dom.js";
import { downloads } from "./downloads.js";
import * as net from "./net.js";
import { signed } from "./trust_words.js";

/** The cloze asks of the even articles; other tasks are compared with what Submit measures. */
const HOW = "To compare more of them: python -m evaluators run MODEL --split odd-articles --embedding all --score all.";

/** A method by its score and embedding method; its corpus is the same for all. */
const name = (view) => `${view.title[0].toUpperCase()}${view.title.slice(1)}, ${view.method}`;

function verdict(gap) {
  if (!gap) return "what the others are compared with";
  if (gap.low > 0) return "agrees better";
  return gap.high < 0 ? "agrees less" : "no clear difference";
}

function row(one) {
  const gap = one.difference;
  const mean = one.mean_pearson === null ? "–" : number(one.mean_pearson, 2);
  return h("tr", {}, h("th", { scope: "row" }, name(one.view)), h("td.number", {}, h("span.short-label", {}, "mean Pearson "), mean), h("td.number", {}, h("span.short-label", {}, "difference "), gap ? `${signed(gap.value, 3)} (${signed(gap.low, 3)} to ${signed(gap.high, 3)})` : "–"), h("td", {}, verdict(gap)));
}

/** How many would be clear by luck alone. */
function luck(count) {
  const by = number(count * 0.025, 1);
  return `With ${plural(count, "comparison")} at 95 % each, about ${by} would look better by luck alone, and the best of many looks better than it is: take a single lead as a hint to test on other models and languages, not as a finding.`;
}

/** @param {HTMLElement} host @param {Record<string, string>} params of GET agreement: task, pooling @returns {Promise<boolean>} */
export function agreement(host, params) {
  return net.into(host, "agreement", params, (answer) => {
    const { methods, models, languages, left_out: left, task, pooling } = answer;
    if (methods.length < 2) {
      const why = methods.length ? "Only one method was measured with this task." : `No method and ${task?.label ?? "the task"} were measured in enough of the same languages.`;
      return host.replaceChildren(h("p.muted", {}, `${why} ${HOW}`));
    }
    const base = methods.find((each) => !each.difference);
    const better = methods.filter((each) => each.difference?.low > 0);
    const files = h("span.end");
    downloads(files, "agreement", () => params);
    const clear = better.length ? `${better.map((each) => name(each.view)).join("; ")} ${better.length === 1 ? "agrees" : "agree"} better than “${name(base.view)}”, one comparison at a time.` : `None agrees clearly better than “${name(base.view)}”.`;
    const heads = ["Method", "Mean Pearson", `Difference to ${base.view.method}`, "Verdict"];
    host.replaceChildren(
      h("p.sentence", {}, h("strong", {}, clear), ` ${plural(methods.length, "method")} over the same ${plural(languages.length, "language")} of ${plural(models.length, "model")} (`, h("span", { dir: "auto" }, models.map((each) => each.name).join(", ")), `), ${pooling} over layers, n = ${base.view.n}.`),
      h("p", {}, luck(methods.length - 1)),
      h("div.tools", {}, files),
      h("div.scroll", { tabindex: "0", role: "region", "aria-label": "Methods by agreement" }, h("table.plain.stacked", {}, h("thead", {}, h("tr", {}, heads.map((head, i) => h(i && i < 3 ? "th.number" : "th", { scope: "col" }, head)))), h("tbody", {}, methods.map(row)))),
      ...(left.length ? [h("p.hint", {}, `Left out, not measured with those models in enough of their languages: ${left.map(name).join("; ")}.`)] : []),
      h("p.hint", {}, "Pearson over languages, its mean over the models; intervals of the difference are of a bootstrap over languages, as if they were independent."),
    );
  });
}
