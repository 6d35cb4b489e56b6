// A table's order, search and page length as they stand in the address.

const LENGTHS = ["25", "50", "100", "250", "all"];

/** @param {string|undefined} text `mean` or `-mean` @param {string[]} keys @returns {[string, "asc"|"desc"]|null} */
export function parseSort(text, keys) {
  const key = (text ?? "").replace(/^-/, "");
  return keys.includes(key) ? [key, text.startsWith("-") ? "desc" : "asc"] : null;
}

/** @param {[string, string]|null} sort @returns {string} */
export const writeSort = (sort) => (sort ? (sort[1] === "desc" ? "-" : "") + sort[0] : "");

/**
 * @param {Record<string, string>} values of the address @param {string[]} keys of the columns
 * @param {{sort: [string, string]|null, page?: number}} fallback
 * @returns {{sort: [string, string]|null, search: string, page: number}} for `Grid.restore`
 */
export function fromAddress(values, keys, { sort, page = 50 }) {
  const length = LENGTHS.includes(values.rows) ? Number(values.rows.replace("all", "-1")) : page;
  return { sort: parseSort(values.sort, keys) ?? sort, search: (values.q ?? "").slice(0, 200), page: length };
}

/** The keys `sort`, `q` and `rows` for `state.set`, empty where they are as `fallback` says. */
export function toAddress(state, { sort, page = 50 }) {
  return {
    sort: writeSort(state.sort) === writeSort(sort) ? "" : writeSort(state.sort),
    q: state.search,
    rows: state.page === page ? "" : String(state.page).replace("-1", "all"),
  };
}
