// Draws what leaderboard/table.py encodes. Cells are DOM nodes: no cell text is parsed as HTML.
import DataTable from "./datatables.js";

const STYLE = new URL("table.css", import.meta.url).href;
const LENGTHS = [25, 50, 100, 250, -1];
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

const compare = (a, b) => (typeof a === "string" ? collator.compare(a, b) : a - b);
// Blanks stay last whichever way the column runs, so the direction is applied inside.
const blanksLast = (sign) => (a, b) => {
  if (a === null || b === null) return (a === null) - (b === null);
  return sign * compare(a, b);
};
DataTable.type("board", { order: { asc: blanksLast(1), desc: blanksLast(-1) } });
DataTable.ext.errMode = "throw";

const isObject = (cell) => cell !== null && typeof cell === "object";
const sortValue = (cell) => (isObject(cell) ? (cell.value ?? cell.text ?? null) : cell);
const formats = [];
function format({ digits }, value) {
  formats[digits] ??= new Intl.NumberFormat("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return formats[digits].format(value);
}
const escape = (text) =>
  text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function link(cell) {
  const url = new URL(cell.href, document.baseURI);
  if (url.origin !== location.origin) return element("span", "bt-text", cell.text);
  const anchor = element("a", "bt-text", cell.text);
  anchor.href = cell.href;
  return anchor;
}

function display(column, cell) {
  const value = sortValue(cell);
  if (value === null) return element("span", "bt-blank", "–");
  if (column.kind !== "number") {
    const node = cell.href ? link(cell) : element("span", "bt-text", value);
    node.title = cell.title ?? value;
    return node;
  }
  const shown = element("span", "bt-value", format(column, value));
  if (cell.low === undefined || cell.high === undefined) return shown;
  const range = `${format(column, cell.low)}–${format(column, cell.high)}`;
  return element("span", "", shown, " ", element("span", "bt-range", range));
}

function dress(td, column, cell) {
  if (isObject(cell) && cell.at_chance) td.classList.add("bt-chance");
  if (isObject(cell) && cell.title) td.title = cell.title;
  const value = sortValue(cell);
  if (!column.heat || value === null) return;
  const [low, high] = column.heat;
  const share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
  td.classList.add("bt-heat");
  td.style.setProperty("--bt-share", `${Math.round(share * 100)}%`);
}

function define(column, index) {
  const number = column.kind === "number";
  return {
    data: index,
    name: column.key,
    type: "board",
    className: number ? "bt-number" : "bt-words",
    orderSequence: number ? ["desc", "asc"] : ["asc", "desc"],
    createdCell: (td, cell) => dress(td, column, cell),
    render(cell, type) {
      if (type === "display") return display(column, cell);
      // Scores no better than chance rank below all others, tied.
      if (type === "sort" && cell?.at_chance) return -Number.MAX_VALUE;
      const value = sortValue(cell);
      if (type !== "filter") return value;
      if (value === null) return "";
      // DataTables decodes entities in filter text through innerHTML, so it must get them escaped.
      return number ? value.toFixed(column.digits) : escape(value);
    },
  };
}

function header(columns) {
  const row = element("tr", "");
  for (const column of columns) {
    const cell = element("th", "", column.title);
    cell.scope = "col";
    if (column.tooltip) cell.title = column.tooltip;
    row.append(cell);
  }
  return element("thead", "", row);
}

function settings(view, state) {
  const { columns, rows, noun } = view;
  const place = columns.findIndex((column) => column.key === state.order?.[0]);
  const name = escape(noun);
  return {
    data: rows,
    columns: columns.map(define),
    order: place < 0 ? [] : [[place, state.order[1]]],
    search: { search: state.search },
    pageLength: state.length,
    displayStart: state.start,
    lengthMenu: LENGTHS.map((n) => ({ label: n < 0 ? "all" : String(n), value: n })),
    autoWidth: false,
    layout: { topStart: "search", topEnd: "info", bottomStart: "pageLength", bottomEnd: "paging" },
    language: {
      search: "",
      searchPlaceholder: `Search ${name}`,
      lengthMenu: "_MENU_ a page",
      info: `_START_–_END_ of _TOTAL_ ${name}`,
      infoEmpty: `No ${name}`,
      infoFiltered: "(of _MAX_)",
      emptyTable: `No ${name} yet`,
      zeroRecords: `No ${name} match the search`,
    },
  };
}

class Board {
  constructor(root, view) {
    this.root = root;
    this.build(view, { order: view.sort, search: "", length: view.pageLength, start: 0, left: 0 });
  }

  build(view, state) {
    this.view = view;
    const table = element("table", "bt-table", header(view.columns));
    this.caption = element("p", "bt-caption", view.caption);
    this.caption.id = `${this.root.parentElement.id}-caption`;
    this.root.replaceChildren(this.caption, table);
    this.dt = new DataTable(table, settings(view, state));
    this.scroller = table.closest(".dt-layout-cell");
    this.scroller.classList.add("bt-scroll");
    // A focusable region lets the arrow keys scroll it.
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.scroller.scrollLeft = state.left;
    this.input = this.root.querySelector("input[type=search]");
    this.input.setAttribute("aria-label", `Search ${view.noun}`);
    this.name();
    // A pinned cell needs an edge only once something slides under it.
    this.scroller.addEventListener("scroll", () => this.edge(), { passive: true });
    this.edge();
    this.pager();
    this.dt.on("draw", () => this.pager());
    this.dt.on("page", () => (this.scroller.scrollTop = 0));
  }

  name() {
    this.caption.textContent = this.view.caption;
    this.caption.hidden = !this.view.caption;
    const label = this.view.caption || `Table of ${this.view.noun}`;
    this.scroller.setAttribute("aria-label", label);
    this.dt.table().node().setAttribute("aria-label", label);
  }

  edge() {
    this.scroller.classList.toggle("bt-scrolled", this.scroller.scrollLeft > 0);
  }

  pager() {
    this.root.classList.toggle("bt-one-page", this.dt.page.info().pages < 2);
  }

  order() {
    const [first] = this.dt.order();
    return first ? [this.view.columns[first[0]].key, first[1]] : null;
  }

  // The reader's order wins over the sender's unless they left it alone or its column is gone.
  nextOrder(next) {
    const now = this.order();
    const untouched = JSON.stringify(now) === JSON.stringify(this.view.sort);
    const gone = now && !next.columns.some((column) => column.key === now[0]);
    return untouched || gone ? next.sort : now;
  }

  update(next) {
    const order = this.nextOrder(next);
    const info = this.dt.page.info();
    const state = {
      order,
      search: this.dt.search(),
      length: this.dt.page.len(),
      start: info.start,
      left: this.scroller.scrollLeft,
    };
    const same =
      JSON.stringify(next.columns) === JSON.stringify(this.view.columns) &&
      next.noun === this.view.noun;
    if (same) {
      this.view = next;
      this.name();
      const place = next.columns.findIndex((column) => column.key === order?.[0]);
      this.dt.order(place < 0 ? [] : [[place, order[1]]]);
      this.dt.clear();
      this.dt.rows.add(next.rows);
      this.dt.draw("full-hold");
      return;
    }
    const typing = document.activeElement === this.input;
    this.dt.destroy(true);
    this.build(next, state);
    if (typing) this.input.focus();
  }
}

function styled() {
  if ([...document.styleSheets].some((sheet) => sheet.href === STYLE)) return Promise.resolve();
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = STYLE;
  return new Promise((resolve) => {
    sheet.onload = sheet.onerror = resolve;
    document.head.append(sheet);
  });
}

// Called by the component's js_on_load with what gr.HTML hands it.
export async function mount(host, props, watch) {
  await styled();
  const board = new Board(host.querySelector(".bt-root"), JSON.parse(props.value));
  watch("value", () => board.update(JSON.parse(props.value)));
}
