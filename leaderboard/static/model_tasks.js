// A model's measured tasks in short, and the models whose languages lie alike.
import { h, number, plural, size } from "./dom.js";
import * as net from "./net.js";
import { said } from "./page_parts.js";
import * as state from "./state.js";
import { trust } from "./tasks_words.js";

const table = (label, heads, rows) =>
  h("div.scroll", { tabindex: "0", role: "region", "aria-label": label }, h("table.plain.stacked", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows)));

function line(task, model) {
  const cell = model.values[task.key];
  const english = model.english[task.key];
  const average = cell.value === null ? cell.reason : `${said(cell)} over ${plural(cell.of, "language")}`;
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, task.label),
    h("td", {}, english ? [h("span.short-label", {}, "English "), said(english)] : "not measured in English"),
    h("td", {}, average),
    h("td", {}, h("a", { href: state.link({ page: "tasks", languages: "all", sort: `-${task.key}` }) }, "all models")),
    h("td", {}, h("a", { href: trust(task, { model: model.model }) }, "against alignment")),
  );
}

/** @param {HTMLElement} host @param {string} key of the model @returns {Promise<boolean>} */
export function tasks(host, key) {
  return net.into(host, "tasks", { languages: "all" }, (answer) => {
    const model = answer.models.find((each) => each.model === key);
    const asked = model ? answer.tasks.filter((task) => model.english[task.key] || model.values[task.key].reason !== `${task.title} was not measured`) : [];
    if (!asked.length) return host.replaceChildren(h("p.muted", {}, "No task was measured with this model. ", h("a", { href: state.link({ page: "tasks" }) }, "Tasks"), " has the models that have one."));
    const heads = ["Task", "Accuracy in English", "Average over the other languages", h("span.visually-hidden", {}, "Other models"), h("span.visually-hidden", {}, "Trust")];
    host.replaceChildren(table("Measured tasks", heads, asked.map((task) => line(task, model))), h("p.hint", {}, `Measured, no estimates; guessing gives ${number(answer.tasks[0].guess, 2)}.`));
  });
}

/**
 * @param {object} answer of GET scores with a model and `layers`
 * @param {Record<string, string>} viewOf keys of the view @returns {HTMLElement}
 */
export function similar({ model, similar: found, pooling }, viewOf) {
  if (!found?.length) return h("p.muted", {}, "No other model shares enough languages with it to compare profiles.");
  const row = (other) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, h("a", { href: state.link({ page: "model", model: other.model, ...viewOf }), dir: "auto" }, other.name), h("span.hint", {}, ` ${other.weights} · ${other.dtype}`)),
      h("td.number", {}, size(other.parameters)),
      h("td.number", {}, h("span.short-label", {}, "distance "), number(other.distance, 3)),
      h("td.number", {}, h("span.short-label", {}, "correlation "), other.correlation === null ? "not known" : number(other.correlation, 2)),
      h("td.number", {}, plural(other.shared, "language")),
      h("td", {}, h("a", { href: state.link({ page: "compare", models: `${model.model},${other.model}`, ...viewOf }), "aria-label": `Compare with ${other.name}` }, "compare")),
    );
  const heads = ["Model", "Size", "Distance", "Correlation", "Shared", h("span.visually-hidden", {}, "Compare")];
  return h("div", {}, h("p.muted", {}, `Nearest by language profile: root mean square difference of alignment, ${pooling}, over the languages that both have; the correlation says whether the profiles have one shape.`), table("Similar models", heads, found.map(row)));
}
