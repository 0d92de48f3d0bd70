// What the plain pages do anyway, made quicker: folding branches, replying in place, growing boxes.
// Nothing here is needed to read or to write. Words to show come from the page (data-…), never from here.
(() => {
  "use strict";
  const words = document.querySelector("[data-fold]")?.dataset || {};
  const INVALID = ":is(input, textarea, select).is-invalid";
  const all = (root, selector) => root.querySelectorAll(selector);

  // --- Branches fold at their line ---------------------------------------------------------

  const setFolded = (item, folded) => {
    const button = item.querySelector(":scope > .fold");
    const slot = item.querySelector(":scope > .reply-slot");
    item.querySelector(":scope > .replies").hidden = folded;
    if (slot) slot.hidden = folded;
    item.classList.toggle("is-folded", folded);
    button.setAttribute("aria-expanded", String(!folded));
    button.firstChild.textContent = (folded ? words.unfold : words.fold).replace("#", button.dataset.replies);
  };

  const addFold = (list) => {
    const item = list.parentElement;
    if (!words.fold || list.matches(".is-flat") || item.querySelector(":scope > .fold")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fold";
    button.dataset.replies = all(list, "article").length;
    button.append(document.createElement("span"));
    button.addEventListener("click", () => setFolded(item, !item.classList.contains("is-folded")));
    list.before(button);
    setFolded(item, false);
  };

  const unfoldAround = (element) => {
    for (let item = element; (item = item.parentElement?.closest(".is-folded")); ) setFolded(item, false);
  };

  // A comment that is asked for and not here may stand on another page of the discussion. Only
  // where its permalink leads to another page is it followed, so nobody goes round in circles.
  const lookElsewhere = async (number) => {
    const permalink = words.permalink.replace(/0\/$/, `${number}/`);
    const answer = await fetch(permalink, { method: "HEAD" }).catch(() => null);
    const here = location.href.split("#")[0];
    if (answer?.ok && answer.url !== here) location.replace(`${answer.url}#comment-${number}`);
  };

  const showTarget = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    const number = location.hash.match(/^#comment-(\d{1,9})$/)?.[1];
    if (!target && number && words.permalink) lookElsewhere(number);
    if (target && target.matches(".comment")) {
      unfoldAround(target);
      target.scrollIntoView();
    }
  };

  // --- The reply box -----------------------------------------------------------------------

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

  const focusBox = (box) => {
    const field = box.querySelector(INVALID) || box.querySelector(".preview") || box.querySelector("textarea");
    field?.focus({ preventScroll: true });
    (field?.closest(".preview, .mb-3") || box).scrollIntoView({ block: "nearest" });
    if (field?.matches("textarea")) field.setSelectionRange(field.value.length, field.value.length);
  };

  const place = (posted) => {
    const item = posted.querySelector(".comment");
    const slot = posted.closest(".reply-slot");
    const parent = slot?.closest(".comment");
    let list = parent ? parent.querySelector(":scope > .replies") : document.getElementById("thread");
    if (parent && !list) {
      list = document.createElement("ol");
      list.className = "replies";
      parent.append(list);
    }
    if (list && !posted.contains(list)) list.append(item);
    if (slot) slot.replaceChildren();
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("input", ({ target }) => {
    if (!target.matches("textarea")) return;
    grow(target);
    if (target.dataset.limit) count(target);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea") && form) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.primary"));
    }
  });

  document.addEventListener("click", (event) => {
    const cancel = event.target.closest(".reply-slot .cancel");
    if (!cancel) return;
    // The box is put away, not thrown away: Reply brings it back with the words in it.
    event.preventDefault();
    const slot = cancel.closest(".reply-slot");
    slot.hidden = true;
    slot.closest(".comment").querySelector(".reply")?.focus();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const link = event.target.closest(".reply");
    const slot = link?.closest(".comment").querySelector(":scope > .reply-slot");
    if (slot?.querySelector("form")) {
      event.preventDefault();
      slot.hidden = false;
      focusBox(slot);
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

  document.addEventListener("htmx:load", ({ detail: { elt } }) => {
    if (elt === document.body) return;
    if (elt.matches(".posted")) place(elt);
    else if (elt.matches(".reply-box")) {
      all(elt, "textarea").forEach(grow);
      focusBox(elt);
    }
  });

  // --- When a page opens -------------------------------------------------------------------

  all(document, ".replies").forEach(addFold);
  all(document, "textarea").forEach(grow);
  const invalid = document.querySelector(INVALID);
  if (invalid) invalid.focus();
  window.addEventListener("hashchange", showTarget);
  showTarget();
})();
