// What is new: since the reader was last here, and while the page is open. The text never moves by
// itself: news is announced at the edge of the window, and put in its place when it is asked for.
(() => {
  "use strict";
  const { discussion, name, kept, keep, make, article, addFold, goTo, current, shown } = window.parley;
  if (!discussion?.dataset.new) return;
  const { dataset } = discussion;
  const isSignedIn = "signedIn" in dataset;
  const VISIT = 30 * 60_000;
  const SOONEST = 30_000;
  const LATEST = 300_000;
  const MOST_AT_ONCE = 50;
  const byNumber = (number) => document.getElementById(`comment-${number}`);
  let since = Number(dataset.version);
  const words = document.getElementById("thread-parts").dataset;

  // --- Since last time ---------------------------------------------------------------------

  const mark = (item) => {
    const meta = article(item).querySelector(".meta");
    item.classList.add("is-new");
    if (meta && !meta.querySelector(".new")) meta.prepend(make("new"));
  };

  // A guest's visits are known to this device alone. The first leaves no marks; and as long as one
  // lasts, also over reloads, its marks stay.
  const noteVisit = () => {
    const { seen = since, at = 0, base = since } = kept("visits")[name] || {};
    const before = Date.now() - at > VISIT ? seen : base;
    keep("visits", name, { seen: Math.max(seen, since), at: Date.now(), base: before }, 200);
    return before;
  };

  const noteSeen = () => {
    if (!isSignedIn) return noteVisit();
    const token = document.querySelector('[name="csrfmiddlewaretoken"]');
    const body = new URLSearchParams({ version: since, csrfmiddlewaretoken: token?.value || "" });
    fetch(dataset.seenAt, { method: "POST", body, keepalive: true }).catch(() => null);
    return null;
  };

  const markSince = (version) => {
    for (const item of discussion.querySelectorAll(".comment[data-v]")) if (Number(item.dataset.v) > version) mark(item);
  };

  // --- The way to the next -----------------------------------------------------------------

  const button = discussion.querySelector(".next-new");
  const offerNext = () => {
    const count = discussion.querySelectorAll(".comment.is-new").length;
    if (!button) return;
    button.hidden = !count;
    button.querySelector(".count").textContent = count.toLocaleString(document.documentElement.lang);
  };

  const nextNew = async () => {
    if (waiting.length) await bringIn();
    const fresh = [...discussion.querySelectorAll(".comment.is-new")];
    const here = current();
    const after = (item) => here.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
    goTo((here && fresh.find(after)) || fresh[0], { from: here });
  };

  // --- While the page is open --------------------------------------------------------------

  const bar = make("news");
  const said = bar.querySelector("[role=status]");
  const act = bar.querySelector("button");
  const elsewhere = bar.querySelector("a");
  let waiting = [];
  let version = since;
  let etag = "";
  let wait = SOONEST;
  let timer = 0;
  let asked = Date.now();

  const sayCount = (count, one, many) => (count === 1 ? one : many.replace("#", count.toLocaleString(document.documentElement.lang)));

  const tell = (text, label) => {
    bar.hidden = false;
    // Said when it is there to be heard.
    setTimeout(() => (said.textContent = text), 50);
    act.textContent = label;
    act.hidden = !label;
  };

  const seenUpTo = (number) => {
    since = number;
    etag = "";
    noteSeen();
  };

  // One's own comment is not news the next time.
  document.addEventListener("htmx:load", ({ detail: { elt } }) => {
    const own = elt.matches(".posted") && Number(elt.querySelector(".comment")?.dataset.v);
    if (own && own === since + 1) seenUpTo(own);
  });

  const look = async () => {
    asked = Date.now();
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await fetch(`${dataset.new}?since=${since}`, { headers, cache: "no-store" }).catch(() => null);
    wait = Math.min(wait * 1.5, LATEST);
    if (answer?.status === 200) {
      etag = answer.headers.get("ETag") || "";
      const news = await answer.json();
      const fresh = news.numbers.filter((number) => !byNumber(number));
      version = news.version;
      if (fresh.length > waiting.length) {
        wait = SOONEST;
        elsewhere.hidden = true;
        tell(sayCount(fresh.length, words.newOne, words.newMany), words.show);
      }
      waiting = fresh;
      // All of it stands on the page already: it was written here.
      if (!fresh.length && version > since) seenUpTo(version);
    }
    plan();
  };

  const plan = () => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(look, Math.max(0, asked + wait - Date.now()));
  };

  // --- Put in its place --------------------------------------------------------------------

  const listOf = (parent) => {
    const list = parent.querySelector(":scope > .replies");
    if (list) return list;
    const made = document.createElement("ol");
    let levels = 1;
    for (let at = parent; (at = at.parentElement.closest(".comment")); ) levels += 1;
    made.className = levels < 6 ? "replies" : "replies is-flat";
    parent.append(made);
    return made;
  };

  // Where indentation ends, a line says what is answered, as on a page that is drawn anew.
  const sayWhom = (item, parent) => {
    const link = make("answers");
    link.href = `#${parent.id}`;
    link.querySelector("bdi").textContent = parent.querySelector(".name bdi")?.textContent || "";
    article(item).querySelector(".meta")?.append(" ", link);
  };

  // Returns whether the place is on this page.
  const putIn = (item) => {
    const parent = item.dataset.parent && byNumber(item.dataset.parent);
    if (item.dataset.parent) {
      if (!parent?.matches(".comment")) return false;
      const list = listOf(parent);
      list.append(item);
      addFold(list);
      if (list.matches(".is-flat")) sayWhom(item, parent);
      return true;
    }
    const isNewestFirst = dataset.sort === "newest";
    const edge = isNewestFirst ? "prev" : "next";
    if (discussion.querySelector(`.ancestors, .pager [rel="${edge}"]`)) return false;
    document.getElementById("thread")[isNewestFirst ? "prepend" : "append"](item);
    return true;
  };

  // What the reader looks at stays where it is, whatever is put in above it: the current comment,
  // or the first that begins in the window.
  const holding = (change) => {
    const root = document.documentElement;
    const here = current() || shown().find((item) => article(item).getBoundingClientRect().top >= 0);
    const held = here && article(here);
    const top = held?.getBoundingClientRect().top;
    root.style.overflowAnchor = "none";
    change();
    if (held) window.scrollBy({ top: held.getBoundingClientRect().top - top, behavior: "instant" });
    requestAnimationFrame(() => root.style.removeProperty("overflow-anchor"));
  };

  const bringIn = async () => {
    const numbers = waiting.slice(0, MOST_AT_ONCE);
    const rest = waiting.slice(MOST_AT_ONCE);
    const answer = await fetch(`${dataset.rows}?numbers=${numbers}`).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = [...page.querySelectorAll(".rows > .comment")].filter((row) => !document.getElementById(row.id));
    const away = [];
    holding(() => {
      for (const row of rows) {
        const item = document.importNode(row, true);
        if (!putIn(item)) away.push(row);
        else {
          mark(item);
          window.htmx?.process(item);
        }
      }
    });
    waiting = rest;
    if (!rest.length) seenUpTo(version);
    offerNext();
    const count = rows.length - away.length;
    tell(count ? sayCount(count, words.shownOne, words.shownMany) : "", rest.length ? words.show : count ? words.next : "");
    elsewhere.hidden = !away.length;
    if (!away.length) return;
    elsewhere.textContent = sayCount(away.length, words.awayOne, words.awayMany);
    elsewhere.href = dataset.permalink.replace(/0\/$/, `${away[0].id.slice(8)}/`);
  };

  act.addEventListener("click", () => (waiting.length ? bringIn() : nextNew()));
  bar.querySelector(".close").addEventListener("click", () => (bar.hidden = true));
  button?.addEventListener("click", nextNew);
  document.addEventListener("visibilitychange", () => {
    wait = SOONEST;
    plan();
  });

  // --- When a page opens -------------------------------------------------------------------

  window.parley.nextNew = nextNew;
  document.body.append(bar);
  const before = noteSeen();
  if (before !== null) markSince(before);
  else discussion.querySelectorAll(".comment.is-new").forEach(mark);
  offerNext();
  plan();
})();
