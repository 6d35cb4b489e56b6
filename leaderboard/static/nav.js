// The menu: real links, followed without loading the page anew.
import { h } from "./dom.js";
import * as state from "./state.js";

const MENU = ["models", "languages", "compare", "submit", "queue", "about"];
let links = [];

/** @returns {HTMLElement} the menu, with where one is marked */
export function menu() {
  links = MENU.map((name) => h("a", { href: state.link({ page: name }), "data-name": name }, state.PAGES[name]));
  title(state.page());
  return h(
    "header.site-head",
    {},
    h("a.brand", { href: state.link({ page: "models" }) }, h("span.mark", { "aria-hidden": "true" }), "MEXA leaderboard"),
    h("nav.site-nav", { "aria-label": "Pages" }, links),
  );
}

/** Mark the page that is shown, in the menu and in the window's title. @param {string} name */
export function title(name) {
  document.title = name === "models" ? "MEXA leaderboard" : `${state.PAGES[name]} · MEXA leaderboard`;
  for (const link of links) {
    const here = link.dataset.name === name || (name === "model" && link.dataset.name === "models");
    if (here) link.setAttribute("aria-current", link.dataset.name === name ? "page" : "true");
    else link.removeAttribute("aria-current");
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
