// The menu: real links, followed without loading the page anew.
import { h } from "./dom.js";
import * as state from "./state.js";

const MENU = ["models", "languages", "tasks", "compare", "trust", "submit", "queue", "about"];
const SITE = "MEXA leaderboard";
let links = [];
let wanted = SITE;

// Gradio puts its own title there once it is ready; what a page said in between stands.
new MutationObserver(() => {
  if (document.title !== SITE) wanted = document.title;
  else if (wanted !== SITE) document.title = wanted;
}).observe(document.head, { subtree: true, childList: true, characterData: true });

/** @returns {HTMLElement} the menu, with where one is marked */
export function menu() {
  links = MENU.map((name) => h("a", { href: state.link({ page: name }), "data-name": name }, state.PAGES[name]));
  mark(state.page());
  return h(
    "header.site-head",
    {},
    h("a.brand", { href: state.link({ page: "models" }) }, h("span.mark", { "aria-hidden": "true" }), SITE),
    h("nav.site-nav", { "aria-label": "Pages" }, links),
  );
}

/** The window's title, `NAME · MEXA leaderboard`; a page that shows a thing calls `title(page, name)`, or sets `document.title`. */
export function title(page, name = page === "models" ? "" : state.PAGES[page]) {
  document.title = wanted = name ? `${name} · ${SITE}` : SITE;
  mark(page);
}

/** Mark the page that is shown in the menu. @param {string} name */
export function mark(name) {
  for (const link of links) {
    const here = link.dataset.name === name || (name === "model" && link.dataset.name === "models");
    if (here) link.setAttribute("aria-current", link.dataset.name === name ? "page" : "true");
    else link.removeAttribute("aria-current");
    // On a phone the menu is one row that scrolls.
    if (here && link.parentElement) link.parentElement.scrollLeft = link.offsetLeft - link.parentElement.offsetLeft - 24;
  }
}

/** Put the reader at the head of what a link opened. @param {HTMLElement} root */
export function focus(root) {
  const head = root.querySelector("h1");
  if (!head) return;
  head.tabIndex = -1;
  head.focus({ preventScroll: true });
}

/** Follow plain clicks on links to this page's own addresses. */
export function follow() {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest?.("a[href]");
    if (!link || link.target || link.hasAttribute("download")) return;
    const to = new URL(link.href);
    if (to.origin !== location.origin || to.pathname !== location.pathname) return;
    event.preventDefault();
    state.go(to.search + to.hash || "?");
  });
}
