// Copying that works in a frame of another origin too, where the clipboard may be closed to us.
import { h } from "./dom.js";
import { address } from "./state.js";

/** @param {string} text @returns {Promise<boolean>} whether it was copied */
export async function copy(text) {
  try {
    // Asking where a frame's page forbids it would leave an error in the console.
    if (document.featurePolicy?.allowsFeature("clipboard-write") === false) throw new Error("forbidden");
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = h("textarea", { readonly: true, "aria-hidden": "true", style: "position:fixed;opacity:0" });
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

/** @param {string} label @param {() => string} text @returns {HTMLElement} a button that says when it is done */
export function copyButton(label, text) {
  const button = h("button.button", { type: "button" }, label);
  const said = h("span.said", { role: "status" });
  button.addEventListener("click", async () => {
    const done = await copy(text());
    said.replaceChildren(done ? "Copied" : field(text()));
    if (done) setTimeout(() => said.replaceChildren(), 3000);
    else button.focus();
  });
  return h("span.copy", {}, button, said);
}

function field(text) {
  const input = h("input", { readonly: true, value: text, "aria-label": "Copy this by hand" });
  input.addEventListener("focus", () => input.select());
  return input;
}

/** @returns {HTMLElement} the button that copies the address of what is shown */
export const copyLink = () => copyButton("Copy link", address);
