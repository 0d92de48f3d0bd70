// The numbers on the tabs, kept true by what the answers say of each act. Where counting ended, at
// "10,000+", no number changes.
(() => {
  "use strict";
  const desk = window.parleyDesk;
  if (!desk) return;

  const add = (queue, by, names) => {
    for (const name of names) {
      for (const told of document.querySelectorAll(`[${name}="${CSS.escape(queue)}"]`)) {
        if (!/^[\d,]+$/.test(told.textContent)) continue;
        const number = Number(told.textContent.replaceAll(",", ""));
        told.textContent = Math.max(0, number + by).toLocaleString("en");
      }
    }
  };

  // `isHere`: the page had it among those that match its filter.
  desk.count = (part, isHere) => {
    const names = isHere ? ["data-count", "data-count-matching"] : ["data-count"];
    for (const [queue, by] of Object.entries(JSON.parse(part.dataset.moved || "{}"))) {
      add(queue, by, names);
    }
  };
})();
