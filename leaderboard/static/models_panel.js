// The box of filters of Models, and what follows from the languages that are shown.
import { folded } from "./controls.js";
import { h } from "./dom.js";
import { link } from "./state.js";

const PHONE = matchMedia("(max-width: 599px)");

/**
 * On a phone all but the languages to show and the size stand in the fold.
 * @param {{shown: HTMLElement, size: HTMLElement, others: HTMLElement[], more: HTMLElement[]}} given
 * @returns {{element: HTMLElement, inUse: (count: number) => void}}
 */
export function panel({ shown, size, others, more }) {
  const first = h("div.controls");
  const inside = h("div.controls.others");
  const fold = folded("More filters", inside, more);
  const place = () => {
    first.replaceChildren(shown, size);
    inside.replaceChildren();
    if (PHONE.matches) inside.append(...others);
    else size.before(...others.slice(0, 2)), first.append(...others.slice(2));
    inside.hidden = !PHONE.matches;
  };
  place();
  PHONE.addEventListener("change", place);
  return { element: h("section.panel", { "aria-label": "Filters" }, first, fold.element), inUse: fold.inUse };
}

/**
 * The line below the languages to show: average over them; with one, its own page.
 * @param {() => string[]} codes @param {object} set of `languageSet`
 * @param {{asked: () => Record<string, string>, name: (code: string) => string}} given asked: view and pooling
 * @returns {{element: HTMLElement, follow: () => void}}
 */
export function besideShown(codes, set, { asked, name }) {
  const element = h("div.beside-shown", { hidden: true });
  function follow() {
    const now = codes();
    set.follow();
    const choose = h("button.button", { type: "button", onclick: () => set.choose(now) }, now.length === 1 ? "Average over it" : "Average over these");
    const said = h("span.hint", {}, now.length === 1 ? "The average is over it." : "The averages are over these.");
    const page = now.length === 1 && h("a", { href: link({ page: "languages", language: now[0], ...asked() }) }, `All about ${name(now[0])}`);
    element.replaceChildren(...[set.same() ? said : choose, page].filter(Boolean));
    element.hidden = !now.length;
  }
  return { element, follow };
}
