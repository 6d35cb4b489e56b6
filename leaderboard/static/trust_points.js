// Every language of every model: what was measured beside what was estimated.
import { h } from "./dom.js";
import { toAddress } from "./grid_state.js";
import { range, restoreOrder, scriptName } from "./page_parts.js";
import * as state from "./state.js";
import { Grid } from "./table.js";
import { signed } from "./trust_words.js";

const SORT = ["off", "desc"];
const USUAL = { sort: SORT, page: 25 };

const columns = (several) => [
  { key: "language", title: "Language", kind: "link" },
  ...(several ? [{ key: "model", title: "Model", kind: "link" }] : []),
  { key: "alignment", title: "Alignment", kind: "number", digits: 3 },
  { key: "accuracy", title: "Measured", kind: "number", digits: 3, heat: [0, 1], tooltip: "Accuracy" },
  { key: "plain", title: "est. plain", kind: "number", digits: 3, mark: "≈ ", tooltip: "Alignment times English accuracy, with the interval made without this language" },
  { key: "plain_holds", title: "Held, plain", tooltip: "Whether that interval holds what was measured" },
  { key: "corrected", title: "est. corrected", kind: "number", digits: 3, mark: "≈ ", tooltip: "Corrected for guessing, with the interval made without this language" },
  { key: "corrected_holds", title: "Held, corrected", tooltip: "Whether that interval holds what was measured" },
  { key: "off", title: "Off the line", kind: "number", tooltip: "Standard deviations above or below the model's straight line; beyond two it is called an outlier. Sorted by how far" },
  { key: "family", title: "Family" },
  { key: "script", title: "Script" },
];

function estimate(form) {
  if (!form) return null;
  if (form.low === null) return { value: form.value, title: "estimate; too few languages for an interval" };
  return { ...form, title: `estimate, not measured; a measurement was expected within ${range(form)}` };
}

function holds(form, accuracy) {
  if (!form || form.low === null) return null;
  if (accuracy < form.low) return "no, below";
  return accuracy > form.high ? "no, above" : "yes";
}

export class PointsTable {
  constructor() {
    this.element = h("div");
  }

  /**
   * @param {object[]} points of GET trust @param {object[]} models theirs
   * @param {Record<string, string>|null} values of the address, where the order is to follow it
   */
  draw(points, models, values) {
    const several = models.length > 1;
    const lined = new Set(models.filter((model) => model.pearson).map((model) => model.model));
    const rows = points.map((point) => ({
      language: { text: point.name, href: state.link({ page: "languages", language: point.language }), title: point.language, also: point.autonym },
      model: { text: point.model_name, href: state.link({ page: "model", model: point.model }), title: point.model },
      alignment: point.alignment,
      accuracy: point.accuracy,
      plain: estimate(point.plain),
      plain_holds: holds(point.plain, point.accuracy),
      corrected: estimate(point.corrected),
      corrected_holds: holds(point.corrected, point.accuracy),
      off: lined.has(point.model) ? { value: Math.abs(point.residual), text: `${signed(point.residual)}${point.outlier ? ", outlier" : ""}` } : null,
      family: point.family,
      script: { text: scriptName(point.script), title: point.script },
    }));
    const shown = columns(several);
    const given = { columns: shown, rows, sort: SORT, noun: several ? "measurements" : "languages", name: "Measured and estimated by language", empty: "No language has both" };
    if (this.grid) this.grid.update(given);
    else this.grid = new Grid(this.element, { ...given, page: 25, onState: (now) => state.set(toAddress(now, USUAL)) });
    if (values) restoreOrder(this.grid, values, columns(true).map((column) => column.key), USUAL);
  }
}
