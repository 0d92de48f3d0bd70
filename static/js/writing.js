// Writing: the box opens where the reply will stand, keeps its words on this device until the site
// has them, and shows on demand how they will look.
(() => {
  "use strict";
  const { INVALID, kept, keep, make } = window.parley;
  const BODY = '.reply-form textarea[name="body"]:not([readonly])';
  const MOST_DRAFTS = 30;
  const areas = (root = document) => root.querySelectorAll(BODY);
  const areaOf = (form) => form?.querySelector?.('textarea[name="body"]');

  // --- The box opens and closes ------------------------------------------------------------

  const focusBox = (box) => {
    const field = box.querySelector(INVALID) || box.querySelector(".preview:not(.is-live)") || box.querySelector("input:not([type=hidden]), textarea");
    field?.focus({ preventScroll: true });
    (field?.closest(".preview, .mb-3") || box).scrollIntoView({ block: "nearest" });
    if (field?.matches("textarea")) field.setSelectionRange(field.value.length, field.value.length);
  };

  // The box of a comment, or of the discussion; it is asked for if it is not there yet.
  window.parley.openBox = async (item, isAsked = false) => {
    if (!item) return areaOf(document.getElementById("respond"));
    const slot = item.querySelector(":scope > .reply-slot");
    if (!slot?.querySelector("textarea")) {
      const link = item.querySelector(":scope > article .reply");
      if (!link || !window.htmx) return link?.click();
      await new Promise((resolve) => {
        slot.addEventListener("htmx:load", resolve, { once: true });
        if (!isAsked) link.click();
      });
    }
    slot.hidden = false;
    return slot.querySelector("textarea");
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
    if (parent) window.parley.addFold?.(list);
    window.parley.unfoldAround?.(item);
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  };

  // A reply opens where it will stand, a report below what it is about. Both are pages as well.
  const slotOf = (link) => {
    const around = link.closest(link.matches(".reply") ? ".comment" : "article");
    const slot = around.querySelector(":scope > .reply-slot") || document.createElement("div");
    slot.className = "reply-slot";
    if (!slot.parentElement) around.append(slot);
    slot.opener = link;
    return slot;
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest('.comment .actions :is(.reply, [href$="/report/"])');
    if (!link || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const slot = slotOf(link);
    if (!slot.querySelector("form")) return htmx.ajax("GET", link.href, { source: link, target: slot, swap: "innerHTML" });
    slot.hidden = false;
    focusBox(slot);
  });

  document.addEventListener("click", (event) => {
    const cancel = event.target.closest(".reply-slot .cancel");
    if (!cancel) return;
    // The box is put away, not thrown away: what opened it brings it back with the words in it.
    event.preventDefault();
    const slot = cancel.closest(".reply-slot");
    slot.hidden = true;
    slot.opener?.focus();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) event.target.closest?.(".reply-slot")?.querySelector(".cancel")?.click();
  });

  // --- Drafts ------------------------------------------------------------------------------
  // Named by where the form sends and whom it answers. One goes when the site has taken the words,
  // and never before: an answer that still holds a box has not.

  const nameOf = ({ form }) => {
    const to = form.getAttribute("hx-post") || form.getAttribute("action") || location.pathname;
    return `${to}#${form.querySelector('input[name="parent"]')?.value ?? ""}`;
  };

  const save = (area) => {
    if (!area.isConnected || area.readOnly) return;
    const isDraft = area.value.trim() && area.value !== area.dataset.given;
    keep("drafts", nameOf(area), isDraft ? { body: area.value, at: Date.now(), sent: area.isSent } : undefined, MOST_DRAFTS);
  };

  const moment = (at) => {
    const date = new Date(at);
    const isToday = date.toDateString() === new Date().toDateString();
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    return date.toLocaleString(document.documentElement.lang, isToday ? clock : { day: "numeric", month: "short", ...clock });
  };

  const type = (area, text) => {
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const tellRestored = (area, draft, given) => {
    const note = make("restored");
    const [back, away] = note.querySelectorAll("button");
    const swap = (restored) => {
      note.querySelector(".is-back").hidden = !restored;
      note.querySelector(".is-away").hidden = restored;
      type(area, restored ? draft.body : given);
      area.focus();
    };
    note.querySelector("time").textContent = moment(draft.at);
    back.addEventListener("click", () => swap(false));
    away.addEventListener("click", () => swap(true));
    note.id = `${area.id}-restored`;
    area.setAttribute("aria-describedby", `${area.getAttribute("aria-describedby") || ""} ${note.id}`.trim());
    area.before(note);
  };

  // Words as they are compared: without marks, addresses and spaces.
  const bare = (text) => text.replace(/\]\([^)]*\)/g, "").replace(/[^\p{L}\p{N}]/gu, "");

  const isPosted = (area, draft) => {
    const words = bare(draft.body);
    const own = [...document.querySelectorAll(".comment > article")].filter((each) => each.matches(".is-waiting > *") || each.querySelector('[href$="/edit/"]'));
    return own.some((each) => bare(each.querySelector(".words")?.textContent || "") === words);
  };

  const restore = (area) => {
    if (area.dataset.given !== undefined) return;
    const { form } = area;
    const isAnswer = form.querySelector(".is-invalid, .alert") || form.parentElement.querySelector(".preview");
    const isEdit = !form.querySelector('[name="parent"]');
    // What came with the page, and what may have been typed before this script was there.
    const { defaultValue: given, value: typed } = area;
    area.dataset.given = isAnswer ? "" : given;
    const draft = kept("drafts")[nameOf(area)];
    // What the site has just given back is the newest there is.
    if (isAnswer || !draft || draft.body === typed) return save(area);
    if (isPosted(area, draft)) return keep("drafts", nameOf(area), undefined);
    const more = isEdit && typed === given ? "" : typed.trim();
    const body = more && !draft.body.includes(more) ? `${draft.body.trimEnd()}\n\n${typed}` : draft.body;
    area.value = body;
    tellRestored(area, { ...draft, body }, given);
  };

  // A form that was sent without htmx and led, by a redirect, to its comment has been taken.
  const forgetTaken = () => {
    const [entry] = performance.getEntriesByType("navigation");
    if (!entry?.redirectCount || entry.type !== "navigate" || !/^#comment-\d+$/.test(location.hash)) return;
    for (const [draft, { sent, at }] of Object.entries(kept("drafts")))
      if (sent && Date.now() - at < 300_000) keep("drafts", draft, undefined);
  };

  // Where a reply was begun and its box is closed, a line offers it again.
  const offer = () => {
    const { discussion } = window.parley;
    if (!discussion) return;
    for (const draft of Object.keys(kept("drafts"))) {
      const [to, parent] = draft.split("#");
      const item = document.getElementById(`comment-${parent}`);
      const link = item?.querySelector(":scope > article .reply");
      if (!link?.getAttribute("href").startsWith(to)) continue;
      const line = make("begun");
      const button = line.querySelector("button");
      button.addEventListener("click", () => link.click());
      link.closest("article").append(line);
    }
  };

  const saveAll = () => areas().forEach(save);
  let timer;
  document.addEventListener("input", ({ target }) => {
    if (!target.matches(BODY)) return;
    clearTimeout(timer);
    timer = setTimeout(saveAll, 300);
    if (!target.closest(".reply-form").classList.contains("is-previewing")) return;
    clearTimeout(target.wait);
    target.wait = setTimeout(() => preview(target), 600);
  });
  window.addEventListener("pagehide", saveAll);
  document.addEventListener("visibilitychange", () => document.hidden && saveAll());
  // Gone back to, a form is not on its way any more.
  window.addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    for (const area of areas()) area.isSent = false;
    saveAll();
  });
  document.addEventListener("submit", ({ target, submitter }) => {
    const area = areaOf(target);
    if (!area?.matches(BODY)) return;
    area.isSent = submitter?.value !== "preview";
    save(area);
  });

  document.addEventListener("htmx:beforeSend", ({ detail: { elt } }) => {
    const area = elt.matches("form") && areaOf(elt);
    // What would be typed now would be lost with the box.
    if (area) area.readOnly = true;
  });
  document.addEventListener("htmx:afterRequest", ({ detail: { elt } }) => {
    const area = elt.matches("form") && areaOf(elt);
    if (area) area.readOnly = false;
  });
  document.addEventListener("htmx:beforeSwap", ({ detail: { xhr, shouldSwap, requestConfig } }) => {
    const area = areaOf(requestConfig.elt);
    if (area && shouldSwap && xhr.status < 400 && !/<textarea/i.test(xhr.responseText)) keep("drafts", nameOf(area), undefined);
  });

  // --- Preview -----------------------------------------------------------------------------

  const preview = async (area) => {
    const { form } = area;
    const pane = form.querySelector(".is-live .shown");
    if (!pane || area.shownText === area.value) return;
    const text = (area.shownText = area.value);
    if (!text.trim()) return pane.replaceChildren();
    const data = new FormData();
    for (const field of ["body", "csrfmiddlewaretoken"]) if (form.elements[field]) data.append(field, form.elements[field].value);
    const answer = await fetch(form.dataset.preview, { method: "POST", body: data }).catch(() => null);
    // A later one may be on its way; trouble leaves what was shown.
    if (!answer || area.shownText !== text) return;
    if (answer.ok || answer.status === 422) pane.innerHTML = await answer.text();
    else area.shownText = null;
  };

  const setPreviewing = (form, open) => {
    const button = form.querySelector('button[value="preview"]');
    const area = areaOf(form);
    form.classList.toggle("is-previewing", open);
    button.setAttribute("aria-pressed", String(open));
    form.querySelector(".is-live")?.remove();
    if (!open) return;
    (area.closest(".mb-3") || area).after(make("preview"));
    area.shownText = null;
    preview(area);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest('.reply-form[data-preview] button[value="preview"]');
    if (!button) return;
    event.preventDefault();
    const open = button.getAttribute("aria-pressed") !== "true";
    keep("reading", "preview", open ? "open" : undefined);
    setPreviewing(button.form, open);
  });

  // --- Quotations and names: fetched when words are first selected, or somebody is in a box --

  let fetched;
  const fetchQuoting = () =>
    (fetched ||= new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = document.getElementById("writing-parts").dataset.quoting;
      script.addEventListener("load", resolve);
      document.head.append(script);
    }));
  document.addEventListener("focusin", ({ target }) => target.matches(BODY) && fetchQuoting());
  document.addEventListener("selectionchange", () => getSelection().isCollapsed || fetchQuoting());
  // Until then this stands for what the script brings.
  window.parley.quote = (item) => fetchQuoting().then(() => window.parley.quote(item));

  // --- When a box or a page opens ----------------------------------------------------------

  const ready = (root) => {
    for (const area of areas(root)) {
      restore(area);
      const { form } = area;
      if (!form.dataset.preview) continue;
      // Where there is no button for a page with a preview, as there is none for an edit.
      if (!form.querySelector('button[value="preview"]')) form.querySelector("button.primary").after(make("look"));
      setPreviewing(form, kept("reading").preview === "open");
    }
  };

  document.addEventListener("htmx:load", ({ detail: { elt } }) => {
    if (elt === document.body) return;
    if (elt.matches(".posted")) return place(elt);
    if (!elt.matches(".reply-box")) return;
    elt.closest(".comment")?.querySelector(":scope:has(> .reply-slot .reply-box) > article > .begun")?.remove();
    ready(elt);
    focusBox(elt);
  });

  forgetTaken();
  ready(document);
  offer();
})();
