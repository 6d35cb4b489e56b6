// Run before any script of the page: how long an act takes until its rows are painted.
(() => {
  let waiting = 0;
  let rows = null;
  let all = null;
  const fetched = window.fetch;
  window.fetch = (...given) => {
    waiting += 1;
    return fetched(...given).finally(() => (waiting -= 1));
  };
  const ROWS = "tbody, .sentence, h1, .facts";
  /** Twice, so that the frame which holds the change has been drawn. */
  const painted = (take) => {
    waiting += 1;
    requestAnimationFrame(() => requestAnimationFrame(() => { waiting -= 1; take(performance.now()); }));
  };
  const ofRows = (node) => node.nodeType === 1 && (node.closest(ROWS) || node.querySelector?.(ROWS));
  const seen = (changes) => {
    painted((now) => (all = now));
    const drawn = changes.some((each) => each.type === "attributes" || ofRows(each.target) || [...each.addedNodes].some(ofRows));
    if (drawn) painted((now) => (rows = now));
  };
  const kinds = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["data-page"] };
  new MutationObserver(seen).observe(document, kinds);
  const busy = () => waiting > 0 || document.querySelector(".page [aria-busy=true]");
  const settle = (quiet) =>
    new Promise((resolve) => {
      let last = performance.now();
      let known = all;
      const look = () => {
        if (busy() || all !== known) [last, known] = [performance.now(), all];
        if (performance.now() - last > quiet) resolve();
        else setTimeout(look, 20);
      };
      look();
    });
  const field = (label) => {
    const page = document.getElementById(`page-${document.documentElement.dataset.page}`);
    const named = [...page.querySelectorAll("label, legend")].find((each) => each.textContent.trim().startsWith(label));
    if (!named) throw new Error(`no field ${label}`);
    return named.tagName === "LEGEND" ? named.parentElement : document.getElementById(named.htmlFor);
  };
  const changed = (control) => control.dispatchEvent(new Event("change", { bubbles: true }));
  window.probe = {
    /** Milliseconds from the page's own beginning. */
    async load(quiet) {
      await settle(quiet);
      return { rows, all };
    },
    /** Milliseconds from the act to its painted rows, and to the last thing painted. */
    async time(act, quiet) {
      rows = all = null;
      const begun = performance.now();
      act();
      await settle(quiet);
      return { rows: rows === null ? null : rows - begun, all: all === null ? null : all - begun };
    },
    choose(label, value) {
      const control = field(label);
      if (control.tagName === "FIELDSET") {
        const inputs = [...control.querySelectorAll("input")];
        const input = typeof value === "number" ? inputs[value] : inputs.find((each) => each.value === value);
        input.click();
      } else {
        control.value = typeof value === "number" ? control.options[value].value : value;
        changed(control);
      }
    },
    type(label, text) {
      const control = field(label);
      control.value = text;
      control.dispatchEvent(new Event("input", { bubbles: true }));
      changed(control);
    },
    head(title) {
      const page = document.getElementById(`page-${document.documentElement.dataset.page}`);
      const heads = [...page.querySelectorAll("thead th")].filter((each) => each.offsetParent);
      const found = heads.find((each) => each.textContent.trim().startsWith(title));
      (found.querySelector("[role=button]") ?? found).click();
    },
    follow(name) {
      document.querySelector(`nav a[data-name=${name}]`).click();
    },
  };
})();
