// Rank ranges of the rows that filters leave, from which models are significantly better than which.

/**
 * @param {string} packed base64 of numpy.packbits over an n x n boolean matrix, rows in order;
 *   [i, j] is true where i is significantly better than j
 * @param {number} n
 * @returns {Uint8Array} n * n, 1 where true
 */
export function unpack(packed, n) {
  const bytes = atob(packed ?? "");
  if (bytes.length !== Math.ceil((n * n) / 8)) throw new Error(`the comparison of ${n} models has ${bytes.length} bytes`);
  const better = new Uint8Array(n * n);
  for (let at = 0; at < better.length; at += 1) better[at] = (bytes.charCodeAt(at >> 3) >> (7 - (at & 7))) & 1;
  return better;
}

/**
 * `1 + those significantly better` to `N - those significantly worse`, among the rows kept in the
 * same group.
 * @param {Uint8Array} better as `unpack` returns it
 * @param {number[]} kept places of the rows that are ranked, in the matrix's order
 * @param {(place: number) => string} group rows are ranked within one of these
 * @returns {Map<number, {low: number, high: number, of: number}>} by place
 */
export function ranges(better, kept, group = () => "") {
  const n = Math.round(Math.sqrt(better.length));
  const groups = new Map();
  for (const place of kept) {
    const key = group(place);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(place);
  }
  const found = new Map();
  for (const places of groups.values()) {
    for (const i of places) {
      let above = 0;
      let below = 0;
      for (const j of places) {
        above += better[j * n + i];
        below += better[i * n + j];
      }
      found.set(i, { low: 1 + above, high: places.length - below, of: places.length });
    }
  }
  return found;
}
