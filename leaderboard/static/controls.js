// Small builders of native controls. Each has a label, a name, a value to read and to set.
import { h, unique } from "./dom.js";

/**
 * @typedef {object} Control
 * @property {HTMLElement} element label and control
 * @property {any} value what is chosen now
 * @property {(value: any) => void} set choose without calling onChange
 * @property {(options: Option[]) => void} [options] offer others
 * @typedef {{value: string, label: string, title?: string}|[string, string]} Option
 */

const option = (one) => (Array.isArray(one) ? { value: one[0], label: one[1] } : one);

function field(kind, { label, hint }, control) {
  control.id ||= unique(kind);
  const note = hint && h("span.hint", { id: `${control.id}-hint` }, hint);
  if (note) control.setAttribute("aria-describedby", note.id);
  return h(`div.field.${kind}`, {}, h("label", { for: control.id }, label), control, note);
}

/**
 * @param {{label: string, name: string, options: Array<Option|{group: string, options: Option[]}>, value?: string,
 *   hint?: string, onChange?: (value: string) => void}} given
 * @returns {Control} its value is null for one that is not offered
 */
export function select({ label, name, options, value = "", hint, onChange = () => {} }) {
  const control = h("select", { name, onchange: () => onChange(control.value) });
  const offer = (list, chosen) => {
    const entry = (o) => h("option", { value: o.value, title: o.title }, o.label);
    control.replaceChildren(...list.map((one) => (one.group ? h("optgroup", { label: one.group }, one.options.map(option).map(entry)) : entry(option(one)))));
    control.value = chosen;
    if (control.selectedIndex < 0) control.selectedIndex = 0;
  };
  offer(options, value);
  return {
    element: field("select", { label, hint }, control),
    get value() {
      return control.value;
    },
    set(next) {
      control.value = next;
      if (control.selectedIndex < 0) control.selectedIndex = 0;
    },
    options: (list) => offer(list, control.value),
  };
}

/**
 * @param {{label: string, name: string, value?: number|null, min?: number, max?: number,
 *   step?: number|"any", hint?: string, placeholder?: string,
 *   onChange?: (value: number|null) => void}} given
 * @returns {Control} null where nothing, or no number, is typed
 */
export function number({ label, name, value = null, min = 0, max, step = "any", hint, placeholder, onChange = () => {} }) {
  const control = h("input", { type: "number", inputmode: "decimal", name, min, max, step, placeholder });
  control.value = value ?? "";
  const read = () => (control.value === "" || !control.validity.valid ? null : Number(control.value));
  control.addEventListener("change", () => onChange(read()));
  return {
    element: field("number", { label, hint }, control),
    get value() {
      return read();
    },
    set: (next) => (control.value = next ?? ""),
  };
}

/**
 * @param {{label: string, name: string, value?: string, type?: string, hint?: string,
 *   placeholder?: string, onChange?: (value: string) => void, onInput?: (value: string) => void}} given
 * @returns {Control}
 */
export function text({ label, name, value = "", type = "text", hint, placeholder, onChange, onInput }) {
  const control = h("input", { type, name, placeholder, dir: "auto", autocomplete: "off", spellcheck: "false" });
  control.value = value;
  if (onChange) control.addEventListener("change", () => onChange(control.value.trim()));
  if (onInput) control.addEventListener("input", () => onInput(control.value.trim()));
  return {
    element: field("text", { label, hint }, control),
    get value() {
      return control.value.trim();
    },
    set: (next) => (control.value = next ?? ""),
  };
}

/**
 * Any of several, as checkboxes; `radio` makes it one of several, drawn as joined buttons.
 * @param {{label: string, name: string, options: Option[], value?: string[], radio?: boolean,
 *   onChange?: (value: string[]) => void}} given
 * @returns {Control} its value is a list
 */
export function checks({ label, name, options, value = [], radio = false, onChange = () => {} }) {
  const group = unique(name);
  const list = h("div.options");
  const inputs = () => [...list.querySelectorAll("input")];
  const read = () => inputs().filter((input) => input.checked).map((input) => input.value);
  const offer = (offered, chosen) => {
    list.replaceChildren(
      ...offered.map(option).map((o) => {
        const input = h("input", { type: radio ? "radio" : "checkbox", name: group, value: o.value });
        input.checked = chosen.includes(o.value);
        return h("label.option", { title: o.title }, input, h("span", { dir: "auto" }, o.label));
      }),
    );
  };
  offer(options, value);
  list.addEventListener("change", () => onChange(read()));
  const element = h(`fieldset.field.${radio ? "choice" : "checks"}`, {}, h("legend", {}, label), list);
  return {
    element,
    get value() {
      return read();
    },
    set: (next) => inputs().forEach((input) => (input.checked = next.includes(input.value))),
    options: (next) => offer(next, read()),
  };
}

/** One of several as joined buttons; the value is a string. Takes what `select` takes. */
export function choice({ value = "", onChange = () => {}, ...given }) {
  const inner = checks({ ...given, radio: true, value: [value], onChange: ([next]) => onChange(next ?? "") });
  return {
    element: inner.element,
    get value() {
      return inner.value[0] ?? "";
    },
    set: (next) => inner.set([next]),
    options: inner.options,
  };
}

/**
 * A folded group whose summary says how many of its controls are in use.
 * @param {string} title @param {...Node} children
 * @returns {{element: HTMLDetailsElement, inUse: (count: number) => void}}
 */
export function folded(title, ...children) {
  const count = h("span.count");
  const element = h("details.folded", {}, h("summary", {}, title, count), h("div.inside", {}, children));
  return { element, inUse: (used) => (count.textContent = used ? ` (${used} in use)` : "") };
}
