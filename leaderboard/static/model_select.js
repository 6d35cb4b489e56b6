// Choosing one of the board's models: a native list, grouped by who made them.
import { h, size, unique } from "./dom.js";

const maker = (model) => (/^(pypi|local):/.exec(model.id) ? model.id.split(":")[0] : model.id.split("/")[0]);

/** @param {object} model as the API writes it @returns {string} `Gemma 3 270M · Q4_K_M · float32` */
export const fullName = (model) => `${model.name} · ${model.weights} · ${model.dtype}`;

/** The model that an address means: by its key, or by its id alone. Models come best first. */
export const meant = (text, models) => models.find((model) => model.model === text) ?? models.find((model) => model.id === text) ?? null;

/**
 * @param {{label: string, name: string, none?: string, hint?: string, onChange: (key: string) => void}} given
 *   none: what the empty choice is called; without it there is none
 * @returns {import("./controls.js").Control & {offer: (models: object[]) => void}}
 */
export function modelSelect({ label, name, none, hint, onChange }) {
  const control = h("select", { id: unique(name), name, onchange: () => onChange(control.value) });
  let wanted = "";
  const unknown = h("option", { value: "", hidden: true }, "choose a model …");
  const set = (key) => {
    wanted = key;
    unknown.remove();
    control.value = key;
    if (control.selectedIndex >= 0) return;
    if (none === undefined) control.prepend(unknown);
    control.selectedIndex = 0;
  };
  return {
    element: h("div.field.select.model-select", {}, h("label", { for: control.id }, label), control, hint && h("span.hint", {}, hint)),
    get value() {
      return control.value;
    },
    set,
    offer(models) {
      const groups = new Map();
      for (const model of models) groups.set(maker(model), [...(groups.get(maker(model)) ?? []), model]);
      const options = (mine) => mine.sort((a, b) => (a.parameters ?? Infinity) - (b.parameters ?? Infinity)).map((model) => h("option", { value: model.model }, [fullName(model), size(model.parameters)].filter(Boolean).join(" · ")));
      const sorted = [...groups].sort(([a], [b]) => a.localeCompare(b));
      control.replaceChildren(
        ...(none === undefined ? [] : [h("option", { value: "" }, none)]),
        ...sorted.map(([group, mine]) => h("optgroup", { label: group }, options(mine))),
      );
      set(wanted);
    },
  };
}
