// The table as files: the same answer of the API, in another format.
import { h } from "./dom.js";
import { url } from "./net.js";

const FORMATS = { csv: "CSV", json: "JSON", parquet: "Parquet" };

/**
 * @param {HTMLElement} host @param {string} path below api/v1/
 * @param {() => Record<string, any>} params what is shown just now
 */
export function downloads(host, path, params) {
  const links = Object.entries(FORMATS).map(([format, name]) => {
    const link = h("a", { href: url(path, { ...params(), format }), download: "" }, name);
    // Looked up when it is wanted, so that it follows the filters.
    const follow = () => (link.href = url(path, { ...params(), format }));
    for (const event of ["pointerdown", "focus", "mouseover"]) link.addEventListener(event, follow);
    return link;
  });
  host.replaceChildren(h("span.downloads", {}, h("span", {}, "Download"), links));
}
