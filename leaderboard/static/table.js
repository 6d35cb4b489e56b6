// A sortable, searchable table by the DataTables that `itables` bundles. Columns and cells are as
// leaderboard/table.py documents them; a page of the board gives rows as objects by column key.
import DataTable from "./datatables.js";
import { also, blanksLast, display, dress, escape, sortValue } from "./cells.js";
import { debounce, h } from "./dom.js";

const STYLE = new URL("table.css", import.meta.url).href;
const LENGTHS = [25, 50, 100, 250, -1];
DataTable.type("board", { order: { asc: blanksLast(1), desc: blanksLast(-1) } });
DataTable.ext.errMode = "throw";

function define(column, index, picked) {
  const number = column.kind === "number";
  const asc = (column.first ?? (number ? "desc" : "asc")) === "asc";
  return {
    data: index,
    name: column.key,
    type: "board",
    visible: !column.hidden,
    className: `${number ? "bt-number" : "bt-words"}${column.quiet ? " bt-quiet" : ""}`,
    orderSequence: asc ? ["asc", "desc"] : ["desc", "asc"],
    createdCell: (td, cell) => dress(td, column, cell),
    render(cell, type) {
      if (type === "display") return display(column, cell, picked);
      // Scores no better than chance rank below all others, tied.
      if (type === "sort" && cell?.at_chance) return -Number.MAX_VALUE;
      const value = sortValue(cell);
      if (type !== "filter") return value;
      if (value === null) return "";
      return escape((number ? (cell.text ?? value.toFixed(column.digits ?? 2)) : value) + also(cell));
    },
  };
}

function header(columns) {
  const cells = columns.map((column) => h("th", { scope: "col", title: column.tooltip || null }, column.title));
  return h("thead", {}, h("tr", {}, cells));
}

function settings(view, state, picked) {
  const place = view.columns.findIndex((column) => column.key === state.order?.[0]);
  const name = escape(view.noun);
  return {
    data: view.cells,
    columns: view.columns.map((column, index) => define(column, index, picked)),
    order: place < 0 ? [] : [[place, state.order[1]]],
    search: { search: state.search },
    pageLength: state.length,
    displayStart: state.start,
    lengthMenu: LENGTHS.map((n) => ({ label: n < 0 ? "all" : String(n), value: n })),
    autoWidth: false,
    deferRender: true,
    orderDescReverse: false, // ties stay as they were given, whichever way a column runs
    layout: { topStart: "search", topEnd: "info", bottomStart: "pageLength", bottomEnd: "paging" },
    language: {
      search: "",
      searchPlaceholder: `Search ${name}`,
      lengthMenu: "_MENU_ a page",
      info: `_START_–_END_ of _TOTAL_ ${name}`,
      infoEmpty: `No ${name}`,
      infoFiltered: "(of _MAX_)",
      emptyTable: escape(view.empty ?? `No ${view.noun} yet`),
      zeroRecords: `No ${name} match the search`,
    },
  };
}

export class Grid {
  /**
   * @param {HTMLElement} root an empty element
   * @param {object} view
   * @param {object[]} view.columns `{key, title, kind, digits, tooltip, heat: [low, high], first:
   *   "asc"|"desc", hidden, mark, quiet}`; mark: stands before each number; quiet: in muted colour
   * @param {object[]} view.rows objects by column key, or arrays in the order of the columns; a
   *   cell's `before` stands small before its text, `also` is text that the search finds too
   * @param {[string, "asc"|"desc"]|null} [view.sort] the first order
   * @param {string} [view.search] @param {number} [view.page] rows on a page; -1: all
   * @param {string} [view.noun] what rows are, plural @param {string} [view.caption]
   * @param {string} [view.name] accessible name, where there is no caption
   * @param {string} [view.empty] said in place of rows
   * @param {(state: {sort: [string, string]|null, search: string, page: number}) => void} [view.onState]
   * @param {Set<string>} [view.picked] values of the rows whose box is ticked; kept up to date
   * @param {(picked: Set<string>) => void} [view.onPick]
   */
  constructor(root, view) {
    this.root = root;
    root.classList.add("bt-root");
    this.picked = view.picked ?? new Set();
    const first = { order: view.sort ?? null, search: view.search ?? "", length: view.page ?? 50, start: 0, left: 0 };
    this.build(this.complete({ sort: null, noun: "rows", caption: "", ...view }), first);
  }

  complete(view) {
    const keys = view.columns.map((column) => column.key);
    const cells = view.rows.map((row) => (Array.isArray(row) ? row : keys.map((key) => row[key] ?? null)));
    cells.forEach((row, i) => (row.source = view.rows[i]));
    return { ...view, cells };
  }

  build(view, state) {
    this.view = view;
    const table = h("table.bt-table", {}, header(view.columns));
    this.caption = h("p.bt-caption");
    this.root.replaceChildren(this.caption, table);
    this.dt = new DataTable(table, settings(view, state, this.picked));
    this.scroller = table.closest(".dt-layout-cell");
    this.scroller.classList.add("bt-scroll");
    // A focusable region lets the arrow keys scroll it.
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.scroller.scrollLeft = state.left;
    this.input = this.root.querySelector("input[type=search]");
    this.input.setAttribute("aria-label", `Search ${view.noun}`);
    this.root.querySelector(".dt-info")?.setAttribute("role", "status");
    this.name();
    // A pinned cell needs an edge only once something slides under it.
    this.scroller.addEventListener("scroll", () => this.edge(), { passive: true });
    this.edge();
    this.pager();
    this.told = JSON.stringify(this.state());
    const tell = debounce(() => this.tell(), 200);
    this.dt.on("draw", () => {
      this.pager();
      tell();
    });
    this.dt.on("page", () => (this.scroller.scrollTop = 0));
    table.addEventListener("change", (event) => this.pick(event.target));
  }

  name() {
    this.caption.textContent = this.view.caption;
    this.caption.hidden = !this.view.caption;
    const label = this.view.caption || this.view.name || `Table of ${this.view.noun}`;
    this.scroller.setAttribute("aria-label", label);
    this.dt.table().node().setAttribute("aria-label", label);
  }

  edge() {
    this.scroller.classList.toggle("bt-scrolled", this.scroller.scrollLeft > 0);
  }

  pager() {
    this.root.classList.toggle("bt-one-page", this.dt.page.info().pages < 2);
  }

  pick(box) {
    if (!box.classList.contains("bt-pick")) return;
    if (box.checked) this.picked.add(box.value);
    else this.picked.delete(box.value);
    this.view.onPick?.(this.picked);
  }

  /** Make the boxes say what `picked` says, after it was changed elsewhere. */
  showPicked() {
    for (const row of this.dt.rows().nodes().toArray()) {
      for (const box of row?.querySelectorAll("input.bt-pick") ?? []) box.checked = this.picked.has(box.value);
    }
  }

  tell() {
    const now = this.state();
    const text = JSON.stringify(now);
    // While its page is hidden, the address belongs to another.
    if (text === this.told || (this.root.isConnected && !this.root.offsetParent)) return;
    this.told = text;
    this.view.onState?.(now);
  }

  /** @returns {{sort: [string, string]|null, search: string, page: number}} what the reader chose */
  state() {
    return { sort: this.order(), search: this.dt.search(), page: this.dt.page.len() };
  }

  order() {
    const [first] = this.dt.order();
    return first ? [this.view.columns[first[0]].key, first[1]] : null;
  }

  /** Order, search text and page length as an address gives them. Calls no onState. */
  restore({ sort, search, page }) {
    const place = this.view.columns.findIndex((column) => column.key === sort?.[0]);
    this.dt.order(place < 0 ? [] : [[place, sort[1]]]).search(search ?? "");
    if (page) this.dt.page.len(page);
    this.input.value = search ?? "";
    this.dt.draw();
    this.told = JSON.stringify(this.state());
  }

  // The reader's order wins over the sender's unless they left it alone or its column is gone.
  nextOrder(next) {
    const now = this.order();
    const untouched = JSON.stringify(now) === JSON.stringify(this.view.sort);
    const gone = now && !next.columns.some((column) => column.key === now[0]);
    return untouched || gone ? next.sort : now;
  }

  /**
   * Other rows, and whatever else of the view is given; order, search, page length and place stay.
   * @param {object} change any of the constructor's `view`
   */
  update(change) {
    const next = this.complete({ ...this.view, ...change });
    const order = this.nextOrder(next);
    const state = {
      order,
      search: this.dt.search(),
      length: this.dt.page.len(),
      start: this.dt.page.info().start,
      left: this.scroller.scrollLeft,
    };
    const shape = (view) => JSON.stringify([view.columns.map((column) => ({ ...column, hidden: 0 })), view.noun, view.empty]);
    if (shape(next) === shape(this.view)) {
      this.view = next;
      this.name();
      const place = next.columns.findIndex((column) => column.key === order?.[0]);
      this.dt.order(place < 0 ? [] : [[place, order[1]]]);
      this.dt.clear();
      this.dt.rows.add(next.cells);
      this.dt.draw("full-hold");
      return;
    }
    const typing = document.activeElement === this.input;
    this.dt.destroy(true);
    this.build(next, state);
    if (typing) this.input.focus();
  }

  /** Show these columns alone. @param {Iterable<string>} keys */
  showColumns(keys) {
    const wanted = new Set(keys);
    this.view.columns.forEach((column, index) => {
      column.hidden = !wanted.has(column.key);
      const now = this.dt.column(index);
      if (now.visible() === column.hidden) now.visible(!column.hidden, false);
    });
  }

  /** @returns {object[]} the rows that the search leaves, in their order, as they were given */
  rowsShown() {
    return this.dt.rows({ search: "applied", order: "applied" }).data().toArray().map((row) => row.source);
  }
}

function styled() {
  if ([...document.styleSheets].some((sheet) => sheet.href === STYLE)) return Promise.resolve();
  const sheet = h("link", { rel: "stylesheet", href: STYLE });
  return new Promise((resolve) => {
    sheet.onload = sheet.onerror = resolve;
    document.head.append(sheet);
  });
}

const received = (text) => {
  const { pageLength, ...view } = JSON.parse(text);
  return { page: pageLength, ...view };
};

/** Called by the js_on_load of leaderboard/table.py with what gr.HTML hands it. */
export async function mount(host, props, watch) {
  await styled();
  const grid = new Grid(host.querySelector(".bt-root"), received(props.value));
  watch("value", () => grid.update(received(props.value)));
}
