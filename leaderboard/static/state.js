// What is shown stands in the address, so that a link shows it to anybody. Each page owns its keys.

export const PAGES = {
  models: "Models",
  languages: "Languages",
  tasks: "Tasks",
  compare: "Compare",
  trust: "Trust",
  submit: "Submit",
  queue: "Queue",
  about: "About",
  model: "Model",
};
const listeners = new Set();
// Gradio's own keys (`__theme`, `__sign`) are carried along, never shown to a page.
const own = (key) => !key.startsWith("__");

function read() {
  const found = {};
  for (const [key, value] of new URLSearchParams(location.search)) {
    if (!(key in found)) found[key] = value;
  }
  return found;
}

function write(values) {
  const parts = Object.entries(values)
    .filter(([key, value]) => value !== "" && !(key === "page" && value === "models"))
    // Readable where the standard allows: https://url.spec.whatwg.org/#query-state
    .map((pair) => pair.map((part) => encodeURIComponent(part).replace(/%(2C|3A|2F|40)/g, decodeURIComponent)).join("="));
  return `?${parts.join("&")}`;
}

/** @returns {Record<string, string>} `page` and the keys of the address */
export function get() {
  const values = Object.fromEntries(Object.entries(read()).filter(([key]) => own(key)));
  return { ...values, page: Object.hasOwn(PAGES, values.page ?? "") ? values.page : "models" };
}

/** @returns {string} the page that is shown */
export const page = () => get().page;

const text = (value) => (value === null || value === undefined || value === false ? "" : String(value));
const texts = (partial) => Object.fromEntries(Object.entries(partial).map(([k, v]) => [k, text(v)]));

/**
 * Merge into the address; an empty value deletes its key. Tells no listener.
 * @param {Record<string, any>} partial @param {{push?: boolean}} [how] push: a step of its own for Back
 */
export function set(partial, { push = false } = {}) {
  const next = write({ ...read(), ...texts(partial) });
  if (next === (location.search || "?")) return;
  const at = (next === "?" ? location.pathname : next) + location.hash;
  history[push ? "pushState" : "replaceState"](history.state, "", at);
  tellSpace();
}

/** @param {Record<string, any>} partial the whole of another address @param {string} [hash] @returns {string} an href */
export function link(partial, hash = "") {
  const kept = Object.fromEntries(Object.entries(read()).filter(([key]) => !own(key)));
  return write({ ...texts({ page: page(), ...partial }), ...kept }) + (hash && `#${hash}`);
}

/** Go to an href of `link()`, as a click on it does. @param {string} href */
export function go(href) {
  history.pushState(null, "", href === "?" ? location.pathname : href);
  tellSpace();
  tell(true);
}

/** `act(values, clicked)` when somebody goes elsewhere: a link, Back or Forward. */
export function onChange(act) {
  listeners.add(act);
  return () => listeners.delete(act);
}

function tell(clicked) {
  const values = get();
  document.documentElement.dataset.page = values.page;
  for (const act of listeners) act(values, clicked);
}
addEventListener("popstate", () => tell(false));

// On a Space the app is a frame; its page takes query and hash over when told so:
// https://huggingface.co/docs/hub/spaces-handle-url-parameters
function tellSpace() {
  if (parent === window) return;
  const message = { queryString: location.search.slice(1), hash: location.hash.slice(1) };
  parent.postMessage(message, "https://huggingface.co");
}

let space = null;
/** @param {string|null} name `ORG/NAME` of the Space that this board runs on */
export const onSpace = (name) => (space = name);

/** @returns {string} the address that shows this to anybody: on a Space, that of its page */
export function address() {
  const at = new URLSearchParams(location.search);
  for (const key of [...at.keys()]) if (!own(key)) at.delete(key);
  const query = write(Object.fromEntries(at));
  const root = space ? `https://huggingface.co/spaces/${space}` : location.origin + location.pathname;
  return root + (query === "?" ? "" : query) + location.hash;
}
