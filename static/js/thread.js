// Reading a thread: branches fold at their line, links lead up and back, and single keys do both.
// Each comment is an item of a list; the current one is where the focus is, or was last.
(() => {
  "use strict";
  const { kept, keep, make } = window.parley;
  const discussion = document.getElementById("discussion");
  if (!discussion?.dataset.thread) return;
  const words = discussion.dataset;
  const name = `t${discussion.dataset.thread}`;
  const all = (root, selector) => root.querySelectorAll(selector);
  const byHash = (hash) => hash.length > 1 && document.getElementById(hash.slice(1));
  const article = (item) => item.querySelector(":scope > article") || item.firstElementChild;

  // --- Branches fold at their line ---------------------------------------------------------

  const setFolded = (item, folded) => {
    const button = item.querySelector(":scope > .fold");
    const list = item.querySelector(":scope > .replies");
    const text = folded ? words.unfold : words.fold;
    list.hidden = folded;
    item.classList.toggle("is-folded", folded);
    button.setAttribute("aria-expanded", String(!folded));
    button.firstChild.textContent = text.replace("#", all(list, "article").length);
  };

  // What the reader folds stays folded, here and after a reload; what a link opens is not noted.
  const fold = (item, folded) => {
    setFolded(item, folded);
    const others = (kept("folds")[name] || []).filter((id) => id !== item.id);
    const folds = folded ? [...others, item.id].slice(-100) : others;
    keep("folds", name, folds.length ? folds : undefined);
  };

  const addFold = (list) => {
    const item = list.parentElement;
    if (list.matches(".is-flat")) return;
    if (!item.querySelector(":scope > .fold")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "fold";
      button.append(document.createElement("span"));
      button.addEventListener("click", () => fold(item, !item.classList.contains("is-folded")));
      list.before(button);
    }
    setFolded(item, item.classList.contains("is-folded"));
  };

  const unfoldAround = (element) => {
    for (let item = element; (item = item.parentElement?.closest(".is-folded")); ) setFolded(item, false);
    for (let box = element; (box = box.parentElement?.closest("details:not([open])")); ) box.open = true;
  };

  // --- Going somewhere, and back -----------------------------------------------------------

  let here = null;
  const trail = [];
  const isSeen = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  };
  const current = () => document.activeElement.closest?.(".comment") || (here?.isConnected && isSeen(article(here)) ? here : null);
  document.addEventListener("focusin", ({ target }) => (here = target.closest(".comment") || here));

  const goTo = (item, { from } = {}) => {
    if (!item) return;
    if (from && from !== item) trail.push(from);
    unfoldAround(item);
    item.tabIndex = -1;
    item.focus({ preventScroll: true, focusVisible: true });
    const said = article(item);
    const { top, bottom } = said.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight - 80) said.scrollIntoView({ block: bottom - top > innerHeight / 2 ? "start" : "nearest" });
  };

  const leaveBack = (target, from) => {
    article(target).querySelector(".back")?.remove();
    const link = make("back");
    link.href = `#${from.id}`;
    (article(target).querySelector(".meta") || article(target)).append(" ", link);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#comment-"]');
    const target = link && byHash(link.hash);
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const from = link.closest(".comment");
    // The browser itself goes there, and focuses what can be focused.
    unfoldAround(target);
    target.tabIndex = -1;
    if (link.matches(".back")) setTimeout(() => link.remove());
    else if (from && from !== target) {
      trail.push(from);
      if (link.matches(".answers, .parent")) leaveBack(target, from);
    }
  });

  // A comment that is asked for and not here may stand on another page of the discussion. Only
  // where its permalink leads to another page is it followed, so nobody goes round in circles.
  const lookElsewhere = async (number) => {
    const permalink = discussion.dataset.permalink.replace(/0\/$/, `${number}/`);
    const answer = await fetch(permalink, { method: "HEAD" }).catch(() => null);
    const page = location.href.split("#")[0];
    if (answer?.ok && answer.url.split("#")[0] !== page) location.replace(`${answer.url.split("#")[0]}#comment-${number}`);
  };

  const showTarget = () => {
    const target = byHash(location.hash);
    const number = location.hash.match(/^#comment-(\d{1,9})$/)?.[1];
    if (!target && number) lookElsewhere(number);
    if (!target?.matches?.(".comment")) return;
    unfoldAround(target);
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
    target.scrollIntoView();
  };

  // A mark is put and taken where it stands. What the site answers otherwise, it says on a page.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.helpful");
    if (!button) return;
    event.preventDefault();
    const sent = { method: "POST", headers: { "HX-Request": "true" }, redirect: "manual", body: new URLSearchParams(new FormData(button.form)) };
    const answer = await fetch(button.formAction, sent).catch(() => null);
    if (answer?.status !== 200) return button.form.requestSubmit(button);
    const { count, marked } = await answer.json();
    button.setAttribute("aria-pressed", marked);
    button.querySelector(".count-of").textContent = count ? ` ${count}` : "";
  });

  // --- Keys --------------------------------------------------------------------------------

  const parentOf = (item) => {
    const link = article(item).querySelector(".answers, .parent");
    return (link && byHash(link.hash)) || item.parentElement.closest(".comment");
  };

  // In the order of the page, without what is folded away.
  const shown = () => [...all(discussion, ".comment")].filter((item) => item.getClientRects().length);

  const step = (by) => {
    const items = shown();
    const at = items.indexOf(current());
    if (at >= 0) return goTo(items[at + by]);
    const below = items.findIndex((item) => article(item).getBoundingClientRect().bottom > 0);
    goTo(items[by > 0 ? below : (below < 0 ? items.length : below) - 1]);
  };

  const toSibling = (item) => {
    for (let at = item; at; at = at.parentElement.closest(".comment")) {
      let next = at;
      while ((next = next.nextElementSibling)) if (next.matches(".comment")) return goTo(next, { from: item });
    }
  };

  const toParent = (item) => {
    const parent = parentOf(item);
    if (!parent) return;
    goTo(parent, { from: item });
    leaveBack(parent, item);
  };

  const goBack = () => {
    const left = current();
    const item = trail.pop();
    if (!item?.isConnected) return;
    if (left) article(left).querySelector(".back")?.remove();
    goTo(item);
  };

  const toggle = (item) => {
    const folding = item.querySelector(":scope > .fold") ? item : item.parentElement.closest(".comment:has(> .fold)");
    if (!folding) return;
    fold(folding, !folding.classList.contains("is-folded"));
    goTo(folding);
  };

  const press = (item, selector) => article(item).querySelector(selector)?.click();
  const help = make("keys");
  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    b: goBack,
    n: () => window.parley.nextNew?.(),
    "?": () => help.showModal(),
    q: () => window.parley.quote(current()),
  };
  const OF_ONE = {
    p: toParent,
    s: toSibling,
    c: toggle,
    r: (item) => press(item, ".reply"),
    e: (item) => press(item, '.actions [href$="/edit/"]'),
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (kept("reading").keys === "off" || help.open || target.closest?.("input, textarea, select, [contenteditable]")) return;
    const item = OF_ONE[key] && current();
    if (!KEYS[key] && !item) return;
    event.preventDefault();
    if (item) OF_ONE[key](item);
    else KEYS[key]();
  });

  const addTools = () => {
    const tools = make("tools");
    tools.querySelector(".keys").addEventListener("click", () => help.showModal());
    const sorts = discussion.querySelector(".sorts");
    if (sorts) sorts.append(tools);
    else document.getElementById("discussion-title").after(tools);
    const box = help.querySelector("input");
    box.checked = kept("reading").keys !== "off";
    box.addEventListener("change", () => keep("reading", "keys", box.checked ? undefined : "off"));
    // A press beside the dialog closes it.
    help.addEventListener("click", ({ target }) => target === help && help.close());
    document.body.append(help);
  };

  // --- When a page opens -------------------------------------------------------------------

  Object.assign(window.parley, { discussion, name, article, addFold, unfoldAround, goTo, current, shown });
  const folded = new Set(kept("folds")[name]);
  for (const list of all(discussion, ".replies")) {
    if (folded.has(list.parentElement.id)) list.parentElement.classList.add("is-folded");
    addFold(list);
  }
  if (discussion.querySelector(".comment")) addTools();
  window.addEventListener("hashchange", showTarget);
  showTarget();
})();
