// Which languages the averages are over: a set, a list of one's own, and what narrows it.
import { number } from "./dom.js";
import { select } from "./controls.js";
import { languagePicker } from "./language_picker.js";

const SPEAKERS = [["", "any number"], ["1000000", "1 million or more"], ["10000000", "10 million or more"], ["100000000", "100 million or more"]];
export const NARROWING = ["family", "script", "region", "speakers"];

/**
 * @param {{languages: () => Promise<object[]>, onChange: () => void, shown: () => string[],
 *   twin?: boolean}} given
 *   shown: the languages that a list of one's own begins with; twin: no second picker while they are
 *   the same
 */
export function languageSet({ languages, onChange, shown, twin = false }) {
  const over = select({ label: "Average over", name: "languages", options: [["core", "core languages"], ["all", "all languages"], ["own", "a list of my own"]], onChange: change });
  const own = languagePicker({ label: "Languages of the average", value: [], languages, onChange });
  own.element.classList.add("wide");
  own.element.hidden = true;
  const narrow = {
    family: select({ label: "Family", name: "family", options: [["", "any"]], onChange }),
    script: select({ label: "Script", name: "script", options: [["", "any"]], onChange }),
    region: select({ label: "Region", name: "region", options: [["", "any"]], onChange }),
    speakers: select({ label: "Speakers at least", name: "speakers", options: SPEAKERS, onChange }),
  };
  let offered = null;

  const narrowed = () => NARROWING.filter((key) => narrow[key].value);
  const same = () => over.value === "own" && !narrowed().length && shown().length > 0 && [...own.value].sort().join() === [...shown()].sort().join();
  const follow = () => (own.element.hidden = over.value !== "own" || (twin && same()));

  function change(value) {
    if (value === "own" && !own.value.length) own.set(shown());
    follow();
    // An empty list waits for its first language.
    if (value !== "own" || own.value.length) onChange();
    else own.element.querySelector("input").focus();
  }

  const words = {
    speakers: (value) => `at least ${number(Number(value))} speakers`,
    script: (value) => narrow.script.element.querySelector("select").selectedOptions[0]?.text ?? value,
  };

  return {
    /** Whether the averages are over the languages shown. */
    same,
    /** Other languages are shown now. */
    follow,
    /** Average over these. @param {string[]} codes */
    choose(codes) {
      over.set("own");
      own.set(codes);
      NARROWING.forEach((key) => narrow[key].set(""));
      follow();
      onChange();
    },
    /** What narrows the set, in words, each with what takes it away. */
    narrowed: () =>
      narrowed().map((key) => ({
        text: words[key]?.(narrow[key].value) ?? narrow[key].value,
        remove() {
          narrow[key].set("");
          onChange();
        },
      })),
    elements: [over.element, own.element],
    narrowing: Object.values(narrow).map((control) => control.element),
    /** How many languages the named sets have in a view: `sets` of GET board's views. */
    sized(sets) {
      if (!sets) return;
      const now = over.value;
      over.options([["core", `${sets.core} core languages`], ["all", `all ${number(sets.all)} languages`], ["own", "a list of my own"]]);
      over.set(now);
    },
    /** Say what a board has: GET board. */
    offer(board) {
      offered = board;
      this.sized(board.sets);
      narrow.family.options([["", "any"], ...board.families.map((name) => [name, name])]);
      narrow.script.options([["", "any"], ...board.scripts.map(({ code, name }) => [code, name === code ? code : `${name} (${code})`])]);
      narrow.region.options([["", "any"], ...board.regions.flatMap((each) => (each.continent ? [[each.continent, each.continent], ...each.regions.map((name) => [name, `\u2003${name}`])] : [[each, each]]))]);
    },
    /** Put what an address says into the controls. @returns {string[]} what it does not know */
    restore(values) {
      const asked = values.languages ?? "core";
      const set = asked === "core" || asked === "all";
      over.set(set ? asked : "own");
      own.set(set ? [] : asked.split(",").map((code) => code.trim()).filter(Boolean).slice(0, 2000));
      follow();
      const bad = [];
      for (const key of NARROWING) {
        narrow[key].set(values[key] ?? "");
        if (values[key] && narrow[key].value !== values[key]) bad.push(`${key}=${values[key]}`);
      }
      return offered ? bad : [];
    },
    /** What the API made of a list: canonical codes. @returns {boolean} whether nothing was left */
    learned(codes) {
      if (over.value !== "own" || narrowed().length) return false;
      if (codes.length) own.set(codes);
      else this.restore({});
      follow();
      return !codes.length;
    },
    params() {
      const set = over.value === "own" ? (own.value.length ? own.value.join(",") : "") : over.value.replace("core", "");
      return { languages: set, ...Object.fromEntries(NARROWING.map((key) => [key, narrow[key].value])) };
    },
    inUse: () => narrowed().length,
    clear: () => NARROWING.forEach((key) => narrow[key].set("")),
  };
}
