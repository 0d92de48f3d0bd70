// What every page with a form has: boxes grow, count, send with Ctrl+Enter, and never lose words.
// Nothing here is needed to read or to write. Words to show come from the page, never from here.
(() => {
  "use strict";
  const INVALID = ":is(input, textarea, select).is-invalid";

  // --- What this device remembers ----------------------------------------------------------
  // One map per kind in localStorage, the newest last. Where nothing can be stored, nothing is.

  const kept = (kind) => {
    try {
      return JSON.parse(localStorage.getItem(`parley.${kind}`)) || {};
    } catch {
      return {};
    }
  };

  // Names must not look like numbers: an object has those first, whenever they came.
  const keep = (kind, name, value, most = 50) => {
    const map = kept(kind);
    if (value === undefined && !(name in map)) return;
    delete map[name];
    if (value !== undefined) map[name] = value;
    for (const old of Object.keys(map).slice(0, -most)) delete map[old];
    try {
      localStorage.setItem(`parley.${kind}`, JSON.stringify(map));
    } catch {
      // Full, or not allowed: the page works without.
    }
  };

  // A copy of what the page has ready under this name, in its own words.
  const make = (name) => {
    for (const template of document.querySelectorAll("template.parts")) {
      const part = template.content.querySelector(`[data-part="${name}"]`);
      if (part) return part.cloneNode(true);
    }
  };

  window.parley = { INVALID, kept, keep, make };

  // --- The box -----------------------------------------------------------------------------

  const grow = (area) => {
    if (CSS.supports("field-sizing", "content")) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  };

  const count = (area) => {
    const limit = Number(area.dataset.limit);
    const left = limit - [...area.value].length;
    let note = area.parentElement.querySelector(".count");
    if (left > limit / 10 && !note) return;
    if (!note) {
      note = document.createElement("p");
      note.className = "count";
      note.setAttribute("role", "status");
      area.after(note);
    }
    note.hidden = left > limit / 10;
    note.textContent = `${left.toLocaleString(document.documentElement.lang)} / ${limit.toLocaleString(document.documentElement.lang)}`;
    note.classList.toggle("is-over", left < 0);
  };

  document.addEventListener("input", ({ target }) => {
    if (!target.matches("textarea")) return;
    grow(target);
    if (target.dataset.limit) count(target);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form");
    if (event.defaultPrevented) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea") && form) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.primary"));
    }
  });

  // --- What comes back ---------------------------------------------------------------------

  // `page`, a whole page that came instead of a form, says in its first sentence what is wrong.
  const trouble = (element, shown, page = "") => {
    const note = element.closest?.("form")?.querySelector(".trouble");
    if (!note) return;
    note.dataset.usual ||= note.textContent;
    const said = page && new DOMParser().parseFromString(page, "text/html").querySelector(".lead");
    note.textContent = said ? said.textContent.trim() : note.dataset.usual;
    note.hidden = !shown;
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    // A whole page is an answer from outside the discussion (too large, unavailable, refused):
    // it must not take the place of somebody's words.
    if (/^\s*(<!--[^]*?-->\s*)*<!doctype/i.test(xhr.responseText)) {
      event.detail.shouldSwap = false;
      trouble(event.detail.requestConfig.elt, true, xhr.responseText);
    } else if (target.matches(".reply-slot")) target.hidden = false;
  });
  for (const name of ["htmx:sendError", "htmx:timeout"])
    document.addEventListener(name, (event) => trouble(event.detail.elt, true));
  document.addEventListener("htmx:beforeSend", (event) => trouble(event.detail.elt, false));
  document.addEventListener("htmx:load", ({ detail: { elt } }) => elt.querySelectorAll("textarea").forEach(grow));

  document.querySelectorAll("textarea").forEach(grow);
  document.querySelector(INVALID)?.focus();
})();
