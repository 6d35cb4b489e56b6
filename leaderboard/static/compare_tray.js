// Collects two to six models on the way to the Compare page.
import { h } from "./dom.js";
import { link } from "./state.js";

const MOST = 6;

/**
 * @param {Set<string>} picked keys of models; changed by the remove buttons
 * @param {(key: string) => string} name @param {() => void} onChange after a remove button
 * @param {() => Record<string, string>} asked view, pooling and languages, for the comparison's address
 * @returns {{element: HTMLElement, draw: () => void}}
 */
export function compareTray(picked, name, onChange, asked) {
  const element = h("aside.tray", { "aria-label": "Models to compare", hidden: true });
  const said = h("span.visually-hidden", { role: "status" });
  function draw() {
    const keys = [...picked];
    const ready = keys.length >= 2 && keys.length <= MOST;
    const remove = (key) => {
      picked.delete(key);
      onChange();
    };
    const chips = keys.map((key) =>
      h("li", { title: key }, h("span", { dir: "auto" }, name(key)), h("button", { type: "button", "aria-label": `Do not compare ${name(key)}`, onclick: () => remove(key) }, "×")),
    );
    const hint = keys.length < 2 ? "Tick one more to compare." : keys.length > MOST ? `At most ${MOST} can be compared.` : "";
    const go = ready ? h("a.button.primary", { href: link({ page: "compare", models: keys.join(","), ...asked() }) }, `Compare ${keys.length} models`) : h("span.hint", {}, hint);
    const clear = h("button.button", { type: "button", onclick: () => (picked.clear(), onChange()) }, "Clear");
    element.replaceChildren(h("ul.chips", { "aria-label": "Chosen models" }, chips), go, clear);
    element.hidden = !keys.length;
    said.textContent = keys.length ? `${keys.length} chosen to compare. ${hint}` : "";
  }
  const place = h("div.tray-place", {}, element, said);
  // The tray lies above the page: its last rows need room to be scrolled out from below it.
  new ResizeObserver(() => (place.style.height = element.offsetHeight ? `${element.offsetHeight + 24}px` : "")).observe(element);
  return { element: place, draw };
}
