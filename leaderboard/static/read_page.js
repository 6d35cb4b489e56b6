// What Languages, Model and Compare have alike: a view, a pooling, notes, and an address that holds it all.
import { choice } from "./controls.js";
import { h } from "./dom.js";
import { NO_VIEW, POOLINGS, learnScripts, notes, nothing, pooled } from "./page_parts.js";
import { board } from "./shell.js";
import * as state from "./state.js";
import { viewControls } from "./views.js";

/**
 * A page gives `read(values)`: put an address into its controls; `load(values)`: ask and draw, values
 * null where only a control moved; `own()`: its own keys of the address, empty where they are usual;
 * where it has them, `offered(board, values)`: offer what a board has and return what was not
 * understood, and `answered()`: whether what an address asks for has been judged.
 */
export class ReadPage {
  constructor() {
    this.views = viewControls(() => this.ask());
    this.pooling = choice({ label: "Layer pooling", name: "pooling", options: POOLINGS, value: "mean", onChange: () => this.ask() });
    this.notes = notes();
    this.bad = [];
    this.empty = h("div", { hidden: true }, nothing());
    this.panel = h("section.panel", { "aria-label": "Choose" });
  }

  /** Keys of view and pooling, for the API and for links. */
  viewOf() {
    return { ...this.views.params(), pooling: this.pooling.value === "max" ? "max" : "" };
  }

  /** The whole address as it is understood, but for a table's order. */
  address() {
    return { ...NO_VIEW, ...this.viewOf(), ...this.own() };
  }

  note(parts) {
    this.bad.push(...parts);
    this.notes.say(this.bad);
  }

  async show(values) {
    this.bad = [];
    this.pooling.set(pooled(values, this.bad));
    this.views.restore(values);
    this.read(values);
    await this.offer(values, true);
    await this.load(values);
    // What was not understood is said once, and is then no longer in the address.
    if (this.bad.length && (this.answered?.() ?? true)) state.set(this.address());
    this.notes.say(this.bad);
  }

  async offer(values, telling) {
    const found = await board().catch(() => null);
    if (!found) return;
    learnScripts(found);
    this.views.offer(this.choosable(found.views));
    const unknown = [...this.views.restore(values), ...(this.offered?.(found, values) ?? [])];
    if (telling) this.bad.push(...unknown);
    this.empty.hidden = found.views.length > 0;
    this.panel.hidden = !found.views.length;
  }

  /** Those of a board's views that this page has a use for. */
  choosable(views) {
    return views;
  }

  /** Whether the board has nothing to show. */
  bare() {
    return !this.empty.hidden;
  }

  async refresh() {
    await this.offer(state.get(), false);
    return this.load(null);
  }

  ask() {
    state.set(this.address());
    return this.load(null);
  }
}
