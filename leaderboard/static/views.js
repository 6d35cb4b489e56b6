// Corpus and embedding method: one kind of number, never mixed with another.
import { h } from "./dom.js";
import { select } from "./controls.js";

const METHODS = { "weighted-mean": "weighted mean", "last-token": "last token" };
const method = (embedding) => METHODS[embedding.split("@")[0]] ?? embedding.split("@")[0].replaceAll("-", " ");
const pivoted = (view) => (view.pivot === "eng_Latn" ? "" : `, to ${view.pivot}`);

/**
 * Two selects that choose among the views of GET board.
 * @param {() => void} onChange
 * @returns {{elements: HTMLElement[], offer: (views: object[]) => void,
 *   restore: (values: Record<string, string>) => string[], params: () => Record<string, string>,
 *   view: () => object|null}} params: empty for the board's default view, else what the API and the
 *   address take: `corpus`, `embedding` and, where it is not English, `pivot`; restore: what it did
 *   not know
 */
export function viewControls(onChange) {
  let views = [];
  let wanted = {};
  const corpus = select({ label: "Corpus", name: "corpus", options: [], onChange: () => change() });
  const embedding = select({ label: "Embedding method", name: "embedding", options: [], onChange: () => change() });

  // Two builds of one corpus are told apart by their hash.
  function corpusKey(view) {
    const name = builds(view) > 1 ? `${view.corpus}-${view.corpus_hash.slice(0, 12)}` : view.corpus;
    return `${name}${view.pivot === "eng_Latn" ? "" : `>${view.pivot}`}`;
  }
  const builds = (view) => new Set(views.filter((v) => v.corpus === view.corpus).map((v) => v.corpus_hash)).size;
  const label = (view) => `${view.corpus}, n = ${view.n}${pivoted(view)}${builds(view) > 1 ? ` (build ${view.corpus_hash.slice(0, 6)})` : ""}`;

  function of(key) {
    return views.filter((view) => corpusKey(view) === key);
  }

  function fill(at) {
    const keys = [...new Map(views.map((view) => [corpusKey(view), label(view)]))];
    corpus.options(keys);
    // Names that a field of usual width would cut.
    corpus.element.classList.toggle("wide", keys.some(([, name]) => name.length > 18));
    corpus.set(at ? corpusKey(at) : "");
    methods(at?.embedding);
  }

  function methods(chosen) {
    const there = of(corpus.value);
    const offered = [...new Set(there.map((view) => view.embedding))];
    embedding.options(offered.map((each) => [each, method(each)]));
    embedding.set(offered.includes(chosen) ? chosen : offered[0]);
  }

  function change() {
    methods(embedding.value);
    onChange();
  }

  function find({ view, corpus: name, embedding: how, pivot }) {
    if (view) return views.find((v) => v.view === view);
    if (!name && !how && !pivot) return views[0];
    const fits = (v) =>
      (!name || v.corpus === name || `${v.corpus}-${v.corpus_hash.slice(0, 12)}` === name) &&
      (!how || v.embedding === how || v.embedding.split("@")[0] === how) &&
      v.pivot === (pivot || "eng_Latn");
    return views.find(fits);
  }

  return {
    elements: [corpus.element, embedding.element],
    offer(found) {
      views = found;
      fill(find(wanted) ?? views[0]);
    },
    restore(values) {
      wanted = Object.fromEntries(["view", "corpus", "embedding", "pivot"].map((key) => [key, values[key] ?? ""]));
      const known = find(wanted);
      if (views.length) fill(known ?? views[0]);
      const unknown = views.length && !known;
      if (unknown) wanted = {};
      return unknown ? ["the corpus and method"] : [];
    },
    view: () => of(corpus.value).find((view) => view.embedding === embedding.value) ?? null,
    params() {
      const view = this.view();
      if (!view) return wanted;
      if (view === views[0]) return {};
      const key = corpusKey(view).split(">")[0];
      const pivot = view.pivot === "eng_Latn" ? {} : { pivot: view.pivot };
      return { corpus: key, embedding: view.embedding, ...pivot };
    },
  };
}

/** @param {object|null} view @returns {HTMLElement|string} the view in a few words */
export function viewName(view) {
  return view ? h("strong", {}, `${view.corpus}, ${view.n} segments, ${method(view.embedding)}${pivoted(view)}`) : "";
}
