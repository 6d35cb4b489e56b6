// Builds DOM nodes; text stays text, so nothing that a stranger wrote is ever read as markup.

/**
 * @param {string} tag `div`, or with classes: `div.card.wide`
 * @param {Record<string, any>} [given] attributes; `on*` functions are listeners, null and false
 *   are left out, true is an empty attribute
 * @param {...(Node|string|number|null|undefined|false|Array)} children
 * @returns {HTMLElement}
 */
export function h(tag, given = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

let count = 0;
/** @param {string} name @returns {string} an id that no other element has */
export const unique = (name) => `${name}-${(count += 1)}`;

const formats = new Map();
/** @param {number} value @param {number} [digits] @returns {string} `1,234.50` */
export function number(value, digits = 0) {
  if (!formats.has(digits)) {
    const fixed = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    formats.set(digits, new Intl.NumberFormat("en", fixed));
  }
  return formats.get(digits).format(value);
}

/** @param {number|null} parameters @returns {string} `270 M`, `1.5 B`; empty when unknown */
export function size(parameters) {
  if (!parameters) return "";
  if (parameters < 999.5e6) return `${number(parameters / 1e6, parameters < 10e6 ? 1 : 0)} M`;
  return `${number(parameters / 1e9, parameters < 99.5e9 ? 1 : 0).replace(/\.0$/, "")} B`;
}

/** @param {number|null} seconds @returns {string} `45 s`, `12 min`, `3.4 h` */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 90) return `${number(seconds, seconds < 10 ? 1 : 0)} s`;
  return seconds < 5400 ? `${number(seconds / 60)} min` : `${number(seconds / 3600, 1)} h`;
}

/** @param {number} count @param {string} one @param {string} [many] `1 model`, `2 models` */
export const plural = (count, one, many = `${one}s`) =>
  `${number(count)} ${count === 1 ? one : many}`;

/** Calls `act` once `pause` ms have passed without another call. */
export function debounce(act, pause) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), pause);
  };
}
