// Choosing languages by English name, own name, code or country, with a native list to pick from.
import { h, unique } from "./dom.js";

const plain = (text) => (text ?? "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
const label = (one) => `${one.name} (${one.language})`;
const countries = (one) => (one.countries ?? []).map((country) => country.name);

/**
 * Those that a text may mean, best first; one of them alone when it names it exactly.
 * @param {string} text @param {Array<object>} languages rows of GET languages
 * @returns {Array<object>}
 */
export function find(text, languages) {
  const asked = plain(text);
  if (!asked) return [];
  const names = (one) => [label(one), one.language, one.name, one.autonym].map(plain);
  const exact = languages.filter((one) => names(one).includes(asked) || plain(one.iso) === asked);
  if (exact.length) return exact;
  const starting = languages.filter((one) => names(one).some((name) => name.startsWith(asked)));
  const within = languages.filter((one) => names(one).some((name) => name.includes(asked)));
  const there = languages.filter((one) => countries(one).some((name) => plain(name).startsWith(asked)));
  const spoken = there.sort((a, b) => (b.counted ?? true) - (a.counted ?? true) || (b.speakers ?? 0) - (a.speakers ?? 0));
  return [...new Set([...starting, ...within, ...spoken])];
}

/**
 * @param {{label: string, value?: string[], many?: boolean, hint?: string, placeholder?: string,
 *   languages: () => Promise<Array<object>>, onChange?: (codes: string[]) => void}} given
 *   languages: rows of GET languages, asked for when the field is first used or codes need names
 * @returns {import("./controls.js").Control} its value is a list of codes
 */
export function languagePicker({ label: title, value = [], many = true, hint, placeholder, languages, onChange = () => {} }) {
  const list = h("datalist", { id: unique("languages") });
  const input = h("input", {
    id: unique("language"),
    list: list.id,
    autocomplete: "off",
    spellcheck: "false",
    dir: "auto",
    placeholder: placeholder ?? "name, own name, code or country",
  });
  const chips = h("ul.chips", { "aria-label": `${title}: chosen` });
  const said = h("div.hint", { role: "status" }, hint);
  let chosen = [...value];
  let known = null;
  let answered = null;
  const named = (code) => known?.find((one) => one.language === code);

  async function learn() {
    if (known) return known;
    known = await languages();
    list.replaceChildren(
      ...known.map((one) => {
        const more = [one.autonym !== one.name && one.autonym, ...countries(one).slice(0, 3)].filter(Boolean);
        return h("option", { value: label(one) }, more.join(" · "));
      }),
    );
    draw();
    return known;
  }

  function draw() {
    chips.replaceChildren(
      ...chosen.map((code) => {
        const name = named(code)?.name ?? code;
        const remove = h("button", { type: "button", "aria-label": `Remove ${name}`, onclick: () => change(chosen.filter((c) => c !== code), true) }, "×");
        return h("li", { title: code }, h("span", { dir: "auto" }, name), remove);
      }),
    );
    chips.hidden = !chosen.length;
  }

  function change(next, focus) {
    chosen = many ? [...new Set(next)] : next.slice(-1);
    draw();
    if (focus) input.focus();
    onChange([...chosen]);
  }

  function take(one) {
    input.value = "";
    say();
    change([...chosen, one.language], true);
  }

  function say(text = hint ?? "", found = []) {
    const buttons = found.map((one) => h("button.link", { type: "button", onclick: () => take(one), dir: "auto", title: one.language }, one.name));
    said.replaceChildren(text, ...buttons.flatMap((button) => [" ", button]));
  }

  async function pick(certain) {
    answered = certain ? input.value : null;
    if (!input.value.trim()) return say();
    const all = await learn().catch((error) => say(error.message));
    if (!all) return;
    const typed = input.value.trim();
    const found = find(typed, all);
    if (found.length === 1 && (certain || plain(label(found[0])) === plain(typed))) take(found[0]);
    else if (certain && !found.length) say(`No language is called “${typed}” here.`);
    else if (certain) say(`${found.length} languages fit “${typed}”:`, found.slice(0, 8));
  }

  input.addEventListener("focus", () => learn().catch((error) => say(error.message)), { once: true });
  // A choice from the list arrives as an input event with the whole label.
  input.addEventListener("input", () => pick(false));
  // Leaving the field for one of the offered buttons must not draw them anew under the pointer.
  input.addEventListener("change", () => input.value !== answered && pick(true));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      pick(true);
    } else if (event.key === "Backspace" && !input.value && chosen.length) change(chosen.slice(0, -1), true);
  });
  draw();
  if (chosen.length) learn().catch(() => {});
  return {
    element: h("div.field.picker", {}, h("label", { for: input.id }, title), chips, input, list, said),
    get value() {
      return [...chosen];
    },
    set(next) {
      chosen = [...next];
      draw();
      if (chosen.length) learn().catch(() => {});
    },
  };
}
