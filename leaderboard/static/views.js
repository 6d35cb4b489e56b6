// Corpus, embedding method, score and noise: one kind of number, never mixed with another.
import { h, unique } from "./dom.js";
import { select } from "./controls.js";

const pivoted = (view) => (view.pivot === "eng_Latn" ? "" : `, to ${view.pivot}`);
const GROUPS = { embedding: "Alignment, by embedding method", score: "Other scores", noise: "Alignment under noise" };
/** The method whose name goes without saying beside another score or noise. */
const USUAL = "weighted-mean@1";

/** What a view is called among those of its corpus. */
function named(view) {
  const by = view.embedding === USUAL ? "" : `, ${view.method}`;
  if (view.kind === "embedding") return view.method;
  return `${view.kind === "noise" ? view.noise_title : view.title}${by}`;
}

/** Of a view, the keys of the address beside its corpus and pivot; empty for plain alignment. */
const measure = ({ embedding, score, noise }) => ({ embedding, ...(score === "alignment" ? {} : { score }), ...(noise ? { noise } : {}) });
const measureKey = (view) => [view.embedding, view.score, view.noise ?? ""].join("|");

/** Views by kind, as groups of a select; without groups where all are of one kind. */
function grouped(views) {
  const option = (view) => [measureKey(view), named(view)];
  const groups = Object.entries(GROUPS).map(([kind, label]) => ({ group: label, options: views.filter((view) => view.kind === kind).map(option) }));
  const there = groups.filter(({ options }) => options.length);
  return there.length > 1 ? there : there.flatMap(({ options }) => options);
}

/** @param {object|null} view @returns {string} what a reader of its numbers must know */
export function viewNote(view) {
  if (!view) return "";
  if (!view.hits) return "Segments count by fractions: averages have no interval, and models are not told apart.";
  return view.kind === "noise" ? "The language's segments are spoiled, the pivot's are not." : "";
}

/**
 * Two selects that choose among the views of GET board.
 * @param {() => void} onChange
 * @returns {{elements: HTMLElement[], offer: (views: object[]) => void,
 *   restore: (values: Record<string, string>) => string[], params: () => Record<string, string>,
 *   view: () => object|null}} params: empty for the board's default view, else what the API and the
 *   address take: `corpus`, `embedding` and, where they are not the usual, `pivot`, `score`, `noise`;
 *   restore: what it did not know
 */
export function viewControls(onChange) {
  let views = [];
  let wanted = {};
  const corpus = select({ label: "Corpus", name: "corpus", options: [], onChange: () => change() });
  const embedding = select({ label: "Embedding method", name: "embedding", options: [], onChange: () => change() });
  const note = h("span.hint", { id: unique("view-note"), role: "status" });
  embedding.element.append(note);

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
    measures(at ? measureKey(at) : "");
  }

  function measures(chosen) {
    const there = of(corpus.value);
    const names = new Map(there.map((view) => [measureKey(view), named(view)]));
    embedding.options(grouped(there));
    embedding.set(names.has(chosen) ? chosen : there[0] ? measureKey(there[0]) : "");
    const mixed = there.some((view) => view.kind !== "embedding");
    embedding.element.querySelector("label").textContent = mixed ? "Method or score" : "Embedding method";
    embedding.element.classList.toggle("wide", [...names.values()].some((name) => name.length > 24));
    note.textContent = viewNote(current());
  }

  const current = () => of(corpus.value).find((view) => measureKey(view) === embedding.value) ?? null;

  function change() {
    measures(embedding.value);
    onChange();
  }

  function find({ view, corpus: name, embedding: how, pivot, score, noise }) {
    if (view) return views.find((v) => v.view === view);
    if (!name && !how && !pivot && !score && !noise) return views[0];
    const fits = (v) =>
      (!name || v.corpus === name || `${v.corpus}-${v.corpus_hash.slice(0, 12)}` === name) &&
      (!how || v.embedding === how || v.embedding.split("@")[0] === how) &&
      v.score === (score || "alignment") &&
      (v.noise ?? "") === (noise || "") &&
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
      wanted = Object.fromEntries(["view", "corpus", "embedding", "pivot", "score", "noise"].map((key) => [key, values[key] ?? ""]));
      const known = find(wanted);
      if (views.length) fill(known ?? views[0]);
      const unknown = views.length && !known;
      if (unknown) wanted = {};
      return unknown ? ["the corpus and method"] : [];
    },
    view: current,
    params() {
      const view = this.view();
      if (!view) return wanted;
      if (view === views[0]) return {};
      const key = corpusKey(view).split(">")[0];
      const pivot = view.pivot === "eng_Latn" ? {} : { pivot: view.pivot };
      return { corpus: key, ...measure(view), ...pivot };
    },
  };
}

/** @param {object} view @returns {Record<string, string>} keys of an address that name it, every one of them */
export function viewKeys(view) {
  const plain = { score: "", noise: "", ...measure(view) };
  return { corpus: `${view.corpus}-${view.corpus_hash.slice(0, 12)}`, ...plain, pivot: view.pivot === "eng_Latn" ? "" : view.pivot };
}

/** @param {object|null} view @returns {HTMLElement|string} the view in a few words */
export function viewName(view) {
  if (!view) return "";
  const what = view.kind === "embedding" ? "" : `, ${view.kind === "noise" ? view.noise_title : view.title}`;
  return h("strong", {}, `${view.corpus}, ${view.n} segments, ${view.method}${pivoted(view)}${what}`);
}
