// The only place that asks the server: one answer an address and board version, kept in memory.
import { h } from "./dom.js";

const PATIENCE = 300;
const kept = new Map();
const slots = new Map();
let version = null;

/** @param {string} path @param {Record<string, any>} [params] empty values are left out @returns {string} */
export function url(path, params = {}) {
  const query = Object.entries(params)
    .filter(([, value]) => value !== "" && value !== null && value !== undefined && value !== false)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value).replace(/%(2C|3A|2F|40)/g, decodeURIComponent)}`)
    .join("&");
  return new URL(`api/v1/${path}${query ? `?${query}` : ""}`, document.baseURI).href;
}

/** Another version of the board: what is kept is no longer true. @param {string} next */
export function renew(next) {
  if (version !== null && version !== next) kept.clear();
  const moved = version !== null && version !== next;
  version = next;
  return moved;
}

/**
 * @param {string} path below api/v1/ @param {Record<string, any>} [params]
 * @param {{slot?: string, fresh?: boolean}} [how] slot: a newer request of the same slot ends this
 *   one; fresh: ask again although an answer is kept
 * @returns {Promise<any>} the JSON answer; rejects with an Error whose message is for a person, or
 *   with an AbortError when a newer request took its place
 */
export function get(path, params = {}, { slot, fresh = false } = {}) {
  const at = url(path, params);
  if (slot) slots.get(slot)?.abort();
  if (!fresh && kept.has(at)) return kept.get(at);
  const stop = new AbortController();
  if (slot) slots.set(slot, stop);
  const answer = ask(at, stop.signal);
  kept.set(at, answer);
  answer.catch(() => kept.get(at) === answer && kept.delete(at));
  return answer;
}

async function ask(at, signal) {
  let response;
  try {
    response = await fetch(at, { signal, credentials: "same-origin", headers: { Accept: "application/json" } });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error("The board does not answer. Check the connection, then try again.");
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  // An id at the start stays as it is written; a plain word begins a sentence.
  const said = answer?.error && `${answer.error.replace(/^[a-z]+(?=[ ,;:]|$)/, (word) => word[0].toUpperCase() + word.slice(1))}.`;
  const error = new Error(said ?? `The board answered ${response.status}. Try again in a minute.`);
  throw Object.assign(error, { status: response.status });
}

/** @param {unknown} error @returns {boolean} whether it only means that a newer request took over */
export const aborted = (error) => error?.name === "AbortError";

/**
 * Ask, and keep `host` honest meanwhile: old content stays, `aria-busy` and a quiet line after
 * 300 ms, a message with Retry when it fails. A newer call for the same host ends this one.
 * @param {HTMLElement} host @param {string} path @param {Record<string, any>} params
 * @param {(answer: any) => void} draw called with the answer
 * @param {{fresh?: boolean}} [how]
 * @returns {Promise<boolean>} whether it was drawn
 */
export async function into(host, path, params, draw, { fresh = false } = {}) {
  host.dataset.slot ||= `into-${(slots.size + 1).toString(36)}-${Math.random().toString(36).slice(2)}`;
  const mine = (host.boardAsk = Symbol("ask"));
  const timer = setTimeout(() => host.boardAsk === mine && busy(host, true), PATIENCE);
  try {
    const answer = await get(path, params, { slot: host.dataset.slot, fresh });
    if (host.boardAsk !== mine) return false;
    host.querySelector(":scope > .failed")?.remove();
    draw(answer);
    return true;
  } catch (error) {
    if (error instanceof TypeError) console.error(error); // a mistake of ours, not of the network
    if (host.boardAsk === mine && !aborted(error)) {
      failed(host, error, () => into(host, path, params, draw, { fresh: true }));
    }
    return false;
  } finally {
    clearTimeout(timer);
    if (host.boardAsk === mine) busy(host, false);
  }
}

/** @param {HTMLElement} host @param {boolean} is */
export function busy(host, is) {
  if (is) host.setAttribute("aria-busy", "true");
  else host.removeAttribute("aria-busy");
  const line = host.querySelector(":scope > .loading");
  if (!is) line?.remove();
  else if (!line) host.prepend(h("p.loading", { role: "status" }, "Loading …"));
}

/** A message, with Retry unless asking again cannot help. @param {HTMLElement} host @param {Error} error @param {() => void} retry */
export function failed(host, error, retry) {
  host.querySelector(":scope > .failed")?.remove();
  const button = error.status !== 404 && h("button.button", { type: "button", onclick: retry }, "Retry");
  const old = host.childElementCount ? " What you see is from before." : "";
  host.prepend(h("div.failed.message.bad", { role: "alert" }, h("span", {}, `${error.message}${old} `), button || []));
}
