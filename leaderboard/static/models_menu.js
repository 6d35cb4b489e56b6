// The menu of columns: closes on Escape and on a click elsewhere, and stays inside the window.
import { h } from "./dom.js";

const EDGE = 8;
const ROOM = 240;

/** @param {HTMLElement} inner @returns {HTMLDetailsElement} */
export function columnsMenu(inner) {
  const summary = h("summary.button", {}, "Columns");
  const panel = h("div.inside.panel", {}, inner);
  const menu = h("details.columns", { ontoggle: () => menu.open && place() }, summary, panel);

  function place() {
    panel.style.cssText = "";
    const box = panel.getBoundingClientRect();
    const over = box.right - (document.documentElement.clientWidth - EDGE);
    if (over > 0) panel.style.left = `${-over}px`;
    const below = innerHeight - box.top - EDGE;
    const above = summary.getBoundingClientRect().top - EDGE;
    const up = below < ROOM && above > below;
    if (up) Object.assign(panel.style, { top: "auto", bottom: "calc(100% + 4px)" });
    panel.style.maxHeight = `${up ? above : below}px`;
  }

  document.addEventListener("pointerdown", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    summary.focus();
  });
  return menu;
}
