// The writing room's form: its toolbar, its keys, the quiet figures below the text, and a first
// button that says what it will do. The text itself is editor-text.js's.
(() => {
  "use strict";
  const { editor, make } = window.parley;
  if (!editor) return;
  const { form, area, words, acts } = editor;
  const lang = document.documentElement.lang;

  // --- The toolbar: one stop of the Tab key, arrows within ----------------------------------

  const toolbar = form.querySelector(".toolbar");
  const help = make("help");
  document.body.append(help);
  acts.help = () => help.showModal();

  const buttons = () => [...toolbar.querySelectorAll("button:not([hidden])")];
  const rove = (button) => {
    for (const each of buttons()) each.tabIndex = each === button ? 0 : -1;
  };
  for (const button of toolbar.querySelectorAll("button")) button.hidden = !acts[button.dataset.act] && button.dataset.act !== "picture";
  toolbar.hidden = false;
  rove(buttons()[0]);

  toolbar.addEventListener("keydown", (event) => {
    const all = buttons();
    const at = all.indexOf(event.target);
    const isBack = getComputedStyle(toolbar).direction === "rtl";
    const step = { ArrowRight: isBack ? -1 : 1, ArrowLeft: isBack ? 1 : -1 }[event.key];
    if (event.key === "Escape") return area.focus();
    const next = step ? all.at((at + step) % all.length) : { Home: all[0], End: all.at(-1) }[event.key];
    if (!next) return;
    event.preventDefault();
    rove(next);
    next.focus();
  });
  // The words stay selected while a pointer presses a button.
  toolbar.addEventListener("mousedown", (event) => event.preventDefault());
  toolbar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    rove(button);
    acts[button.dataset.act]();
  });

  // --- Keys ---------------------------------------------------------------------------------

  const press = (value) => {
    const button = form.querySelector(`.form-actions [value="${value}"]`);
    if (button) form.requestSubmit(button);
  };
  const KEYS = {
    b: "bold", i: "italic", k: "link", e: "code", "/": "help",
    "shift+KeyH": "heading", "shift+KeyE": "block", "shift+KeyF": "footnote",
    "shift+Digit7": "numbered", "shift+Digit8": "list", "shift+Digit9": "quote",
  };

  form.addEventListener("keydown", (event) => {
    if (event.key === "F10" && event.altKey) {
      event.preventDefault();
      return toolbar.querySelector('[tabindex="0"]').focus();
    }
    // AltGr is Ctrl and Alt at once on some keyboards, and types letters.
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    const key = event.key.toLowerCase();
    if (!event.shiftKey && key === "s") {
      event.preventDefault();
      // Whoever saves without leaving the page takes this up.
      const isLeft = form.dispatchEvent(new CustomEvent("parley:save", { bubbles: true, cancelable: true }));
      if (isLeft) event.target === area ? leave() : press("save");
      return;
    }
    if (!event.shiftKey && key === "enter") {
      event.preventDefault();
      return form.querySelector('.form-actions [value="preview"]').click();
    }
    const act = acts[KEYS[event.shiftKey ? `shift+${event.code}` : key]];
    if (!act || event.target !== area) return;
    event.preventDefault();
    act();
  });

  // --- Saved by a key: the page comes back where it was left ---------------------------------

  const PLACE = "parley.place";
  const leave = () => {
    const place = [area.selectionStart, area.selectionEnd, scrollY, Date.now()];
    try {
      sessionStorage.setItem(PLACE, JSON.stringify(place));
    } catch {
      // Then it opens at its top.
    }
    press("save");
  };

  const comeBack = () => {
    let place;
    try {
      place = JSON.parse(sessionStorage.getItem(PLACE));
      sessionStorage.removeItem(PLACE);
    } catch {
      return;
    }
    if (!place || Date.now() - place[3] > 15_000 || document.querySelector(".is-invalid, .alert-danger")) return;
    area.focus({ preventScroll: true });
    area.setSelectionRange(place[0], place[1]);
    scrollTo(0, place[2]);
  };
  comeBack();

  // --- Words and minutes --------------------------------------------------------------------

  const counts = make("counts");
  form.querySelector(".body-field").append(counts);
  const WORDS_A_MINUTE = 220;

  const count = () => {
    const read = area.value.replace(/\]\([^)\s]*\)|<[^<>]*>/g, " ");
    const found = (read.match(/\S*[\p{L}\p{N}]\S*/gu) || []).length;
    const minutes = Math.max(1, Math.ceil(found / WORDS_A_MINUTE));
    counts.querySelector(".words-count").textContent = words.words.replace("#", found.toLocaleString(lang));
    counts.querySelector(".minutes-count").textContent = words.minutes.replace("#", minutes.toLocaleString(lang));
  };
  let counting;
  area.addEventListener("input", () => {
    clearTimeout(counting);
    counting = setTimeout(count, 400);
  });
  count();

  // --- The first button says what it will do ------------------------------------------------

  const first = form.querySelector("button.primary[data-later]");
  const when = form.querySelector("#id_publish_at");

  const moment = (value) => {
    const at = new Date(value);
    const days = (at - new Date()) / 86_400_000;
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const day = days < 6 ? { weekday: "short" } : { day: "numeric", month: "short" };
    const year = at.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
    return at.toLocaleString(lang, { ...day, ...(days < 6 ? {} : year), ...clock });
  };

  const name = () => {
    first.dataset.usual ||= first.textContent;
    first.dataset.usually ||= first.value;
    const isLater = when.value && when.value !== first.dataset.now;
    first.textContent = isLater ? first.dataset.later.replace("#", moment(when.value)) : first.dataset.usual;
    first.value = isLater ? first.dataset.laterValue : first.dataset.usually;
  };
  if (first && when) {
    when.addEventListener("input", name);
    name();
  }
})();
