// Starts the page that the address names, before Gradio does; hands it its place once that is there.
import * as nav from "./nav.js";
import * as net from "./net.js";
import * as state from "./state.js";

const DRAWN = new Set(["models", "languages", "tasks", "model", "compare", "trust"]);
const pages = new Map();
const places = new Map();
const news = new Map();
const heard = { changes: null, refresh: 30, failures: 0 };

/** A page's root element and the promise of what its module's mount() returned. */
function open(name) {
  if (!pages.has(name)) {
    const root = document.createElement("div");
    root.className = `board ${name}`;
    const ready = import(`./${name}.js`).then(async (module) => (await module.mount(root)) ?? {});
    pages.set(name, { root, ready });
    places.get(name)?.replaceChildren(root);
    ready.catch((error) => net.failed(root, error, () => location.reload()));
  }
  return pages.get(name);
}

async function show(values, clicked) {
  nav.title(values.page);
  if (clicked) scrollTo(0, 0);
  if (!DRAWN.has(values.page)) {
    ask(values.page);
    return arrive(document.getElementById(`page-${values.page}`), clicked);
  }
  const { root, ready } = open(values.page);
  const page = await ready.catch(() => null);
  if (!page || state.page() !== values.page) return;
  await page.show?.(state.get());
  resized();
  arrive(root, clicked);
}

/** Where a link's hash points to, or the head of what it opened. */
function arrive(root, clicked) {
  const goal = location.hash && root?.querySelector(`[id="${CSS.escape(location.hash.slice(1))}"]`);
  // Its page may have been put in place only now.
  if (goal) setTimeout(() => goal.scrollIntoView(), 100);
  else if (clicked && root) nav.focus(root);
}

/** Called by an island's js_on_load: its component is there. */
export function attach(name, element) {
  if (!DRAWN.has(name)) return arrive(element, false); // its text came with the page
  const place = element.querySelector(".island-root");
  places.set(name, place);
  if (pages.has(name)) place.replaceChildren(pages.get(name).root);
  resized();
}

/** Called by the navigation's js_on_load. */
export function navigation(element) {
  element.querySelector(".nav-root").replaceChildren(nav.menu());
  nav.mark(state.page());
  heard.banner = element.querySelector(".banner [role=status]");
  say();
}

/** Called by a signal's js_on_load: `act` lets Gradio draw page `name` anew; `once`: never again. */
export function onNews(name, act, once) {
  news.set(name, { act, once });
  if (state.page() === name) ask(name);
}

function ask(name) {
  const found = news.get(name);
  if (found?.once) news.delete(name);
  found?.act();
}

/** A chart drawn while its page was hidden, or not yet in place, has no size of its own. */
const resized = () => requestAnimationFrame(() => dispatchEvent(new Event("resize")));

function say() {
  const lost = "The board does not answer: you see what was there when this page was loaded.";
  const text = heard.failures >= 2 ? lost : (heard.notice ?? "");
  if (heard.banner && heard.banner.textContent !== text) heard.banner.textContent = text;
}

async function poll() {
  try {
    const now = await net.get("state", {}, { fresh: true });
    heard.failures = 0;
    heard.notice = now.notice;
    if (net.renew(now.version)) {
      const at = state.page();
      const page = await pages.get(at)?.ready.catch(() => null);
      page?.refresh?.();
    }
    if (heard.changes !== now.changes) {
      const first = heard.changes === null;
      heard.changes = now.changes;
      if (!first && state.page() === "queue") ask("queue");
    }
  } catch {
    heard.failures += 1;
  }
  say();
}

/** `act(board)` with the answer of GET board. */
export const board = () => net.get("board");

async function keepLooking() {
  const known = board().then((found) => {
    heard.refresh = Math.max(1, found.refresh ?? 30);
    state.onSpace(found.space);
  }, () => {});
  for (;;) {
    if (!document.hidden) await poll();
    await known;
    await new Promise((resume) => setTimeout(resume, heard.refresh * 1000));
  }
}

document.addEventListener("visibilitychange", () => document.hidden || poll());
state.onChange(show);
nav.follow();
show(state.get(), false);
keepLooking();
