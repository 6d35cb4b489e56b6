// Models of at most so many parameters.
import { select } from "./controls.js";
import { size } from "./dom.js";

const SIZES = [["", "no limit"], ...[5e8, 1e9, 3e9, 8e9, 14e9, 70e9].map((most) => [String(most), `up to ${size(most).replace("500 M", "0.5 B")}`])];

/**
 * @param {() => void} onChange
 * @returns {import("./controls.js").Control & {restore: (text: string|undefined) => string[]}} restore: put in
 *   what an address says; returns what it did not understand
 */
export function sizeLimit(onChange) {
  const control = select({ label: "Models", name: "max_parameters", options: SIZES, onChange });
  const restore = (text) => {
    const most = /^\d{1,15}$/.test(text ?? "") ? text : "";
    const own = most && !SIZES.some(([value]) => value === most);
    control.options(own ? [...SIZES, [most, `up to ${size(Number(most))}`]] : SIZES);
    control.set(most);
    return text && !most ? [`max_parameters=${text}`] : [];
  };
  return Object.assign(control, { restore });
}
