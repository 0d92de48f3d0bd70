// The desk by keyboard. Every key presses what has it printed on it (data-key), so whatever a key
// does a button does, and all of them work without this file. An act is sent in the background:
// the card folds to one line at once, and comes back with what was typed when it could not be done.
(() => {
  "use strict";
  const desk = document.querySelector("[data-desk]");
  if (!desk) return;
  const list = desk.querySelector("[data-cards]");
  const status = document.getElementById("desk-status");
  const help = document.getElementById("desk-help");
  document.documentElement.classList.add("has-keys");

  const cards = () => (list ? [...list.querySelectorAll("[data-card]")] : []);
  const isOpen = (card) => !card.matches("[data-done], .is-leaving");
  let quietly;
  const say = (text) => {
    status.textContent = text || "";
    clearTimeout(quietly);
    // What went wrong stays until something else is said.
    if (!Object.values(status.dataset).includes(text)) quietly = setTimeout(say, 6000);
  };

  // --- The current card --------------------------------------------------------------------

  let current = null;

  const choose = (card) => {
    if (card === current) return;
    current?.classList.remove("is-current");
    current = card;
    card?.classList.add("is-current");
    if (card) beHere();
  };

  const go = (card, isQuiet = false) => {
    if (!card) return;
    choose(card);
    card.focus({ preventScroll: true });
    if (isQuiet) return;
    const bar = list.previousElementSibling?.getBoundingClientRect().bottom || 0;
    const box = card.getBoundingClientRect();
    const fits = box.top >= bar && box.bottom <= innerHeight;
    if (!fits) scrollBy({ top: box.top - Math.max(bar, 0) - 12, behavior: "instant" });
  };

  // The next one to decide on, below first; with `step`, the neighbour.
  const next = (from, step = 1) => {
    const all = cards();
    const at = all.indexOf(from);
    const below = step > 0 ? all.slice(at + 1) : all.slice(0, Math.max(at, 0)).reverse();
    return below.find(isOpen);
  };

  list?.addEventListener("focusin", (event) => choose(event.target.closest("[data-card]")));
  list?.addEventListener("pointerdown", (event) => choose(event.target.closest("[data-card]")));

  // --- To the site and back ----------------------------------------------------------------

  class Fault extends Error {
    constructor(kind) {
      super(kind);
      this.kind = kind;
    }
  }

  const ask = async (address, body) => {
    let answer;
    try {
      answer = await fetch(address, {
        method: body ? "POST" : "GET",
        body,
        headers: { "HX-Request": "true" },
        redirect: "manual",
      });
    } catch {
      throw new Fault("network");
    }
    if (answer.type === "opaqueredirect" || answer.status === 403) throw new Fault("signedOut");
    if (answer.status >= 500) throw new Fault("fault");
    return { status: answer.status, ok: answer.ok, html: await answer.text() };
  };

  // Who signed in again in another tab has another token; the page itself knows it.
  const renew = async () => {
    const answer = await ask(location.href);
    const page = new DOMParser().parseFromString(answer.html, "text/html");
    const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (!token) throw new Fault("signedOut");
    for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token;
    return token;
  };

  // One after the other: the log has the acts in the order in which they were done.
  let line = Promise.resolve();
  const post = (address, fields) => {
    const sent = line.then(() => postNow(address, fields));
    line = sent.catch(() => {});
    return sent;
  };

  const postNow = async (address, fields) => {
    const body = new URLSearchParams(fields);
    try {
      return await ask(address, body);
    } catch (fault) {
      if (fault.kind !== "signedOut") throw fault;
      body.set("csrfmiddlewaretoken", await renew());
      return ask(address, body);
    }
  };

  // A button called "action" hides the property of that name.
  const addressOf = (form) => form.getAttribute("action");
  const within = (form, has) => [...form.elements].find((one) => one.matches(has));

  const tell = (fault) => say(status.dataset[fault.kind] || status.dataset.fault);

  // Put each card of an answer in its place; return them, and what else it says.
  const place = (html) => {
    const part = document.createElement("template");
    part.innerHTML = html;
    const fresh = [...part.content.querySelectorAll("[data-card]")];
    for (const card of fresh) {
      const old = document.getElementById(card.id);
      if (old) {
        if (old === current) current = null;
        old.replaceWith(card);
      } else list?.prepend(card);
    }
    // The page that was empty is so no more.
    if (fresh.length && !list) location.reload();
    return { fresh, message: part.content.querySelector("[data-message]") };
  };

  let waiting = 0;
  const goOn = () => {
    if (waiting || !list || cards().some(isOpen) || !desk.dataset.next) return;
    say(status.dataset.loading);
    location.assign(desk.dataset.next);
  };

  // --- One act on one card -----------------------------------------------------------------

  // What can be taken back, the last at the end: each a promise of an address.
  const acts = [];
  const undoLast = desk.querySelector("[data-undo-last]");

  const remember = (promise) => {
    acts.push(promise);
    if (undoLast) undoLast.hidden = false;
  };

  const leave = (card, word) => {
    const line = card.querySelector(".card-line");
    line.querySelector("[data-word]").textContent = word;
    line.hidden = false;
    card.classList.add("is-leaving");
    const tick = card.querySelector("[name=chosen]");
    if (tick) tick.checked = false;
  };

  const comeBack = (card) => {
    card.classList.remove("is-leaving");
    card.querySelector(".card-line").hidden = true;
  };

  const decide = (form, button) => {
    const card = form.closest("[data-card]");
    if (card.matches(".is-leaving, .is-busy")) return;
    const fields = new FormData(form, button);
    const stays = button.value === "note";
    if (stays) card.classList.add("is-busy");
    else {
      // What comes next stands where this one stood.
      const top = card.getBoundingClientRect().top;
      const following = next(card) || next(card, -1);
      leave(card, button.dataset.done);
      if (following) {
        go(following);
        const shift = following.getBoundingClientRect().top - Math.max(top, 0);
        if (top > 0 && shift > 0) scrollBy({ top: shift, behavior: "instant" });
      } else card.focus({ preventScroll: true });
      say(card.querySelector(".card-line").textContent.split(".")[0] + ".");
    }
    waiting += 1;
    const sent = send(card, addressOf(form), fields, stays).finally(() => {
      waiting -= 1;
      goOn();
    });
    if (!stays) remember(sent);
  };

  // Return where it can be undone, or nothing.
  const send = async (card, address, fields, stays) => {
    try {
      const answer = await post(address, fields);
      const { fresh } = place(answer.html);
      if (!fresh.length) throw new Fault("fault");
      if (answer.ok && !stays) {
        for (const old of list.querySelectorAll(".is-last")) old.classList.remove("is-last");
        fresh[0].classList.add("is-last");
      }
      const wasHere = !current || !document.contains(current);
      if (!answer.ok || stays || wasHere) settle(fresh[0], answer, stays || wasHere);
      return answer.ok ? fresh[0].dataset.undo : undefined;
    } catch (fault) {
      comeBack(card);
      card.classList.remove("is-busy");
      tell(fault.kind ? fault : new Fault("fault"));
      go(card);
      return undefined;
    }
  };

  const settle = (card, answer, isMine) => {
    if (answer.ok) {
      say(card.dataset.said);
      if (isMine && isOpen(card)) go(card);
      return;
    }
    say(card.querySelector(".card-problem")?.textContent.trim().replace(/\s+/g, " "));
    go(card);
  };

  // --- Undo --------------------------------------------------------------------------------

  const undo = async (address, fields) => {
    waiting += 1;
    try {
      const answer = await post(address, fields);
      const { fresh, message } = place(answer.html);
      say(message?.textContent || fresh[0]?.dataset.said);
      undoLast.setAttribute("action", (message || fresh[0])?.dataset.last || "#");
      if (fresh.length && list) answer.ok ? go(fresh[0]) : settle(fresh[0], answer);
    } catch (fault) {
      tell(fault.kind ? fault : new Fault("fault"));
    } finally {
      waiting -= 1;
    }
  };

  const takeBack = async () => {
    const fields = new FormData(undoLast);
    while (acts.length) {
      const address = await acts.pop();
      if (address) return undo(address, fields);
    }
    const address = addressOf(undoLast);
    if (!address || address === "#") return say(status.dataset.nothing);
    return undo(address, fields);
  };

  // --- Many --------------------------------------------------------------------------------

  const bulk = document.getElementById("bulk");
  const ticks = () => cards().flatMap((card) => [...card.querySelectorAll("[name=chosen]")]);
  const chosen = () => ticks().filter((tick) => tick.checked);
  const all = bulk?.querySelector("[data-all]");
  const everything = bulk?.querySelector("[data-everything]");

  const count = () => {
    const place = bulk?.querySelector("[data-selected]");
    if (!place) return;
    const number = chosen().length;
    bulk.classList.toggle("has-selection", number > 0 || !!everything?.checked);
    place.textContent = number ? `${place.dataset.words} ${number}` : place.dataset.wordsNone;
    if (all) all.checked = number > 0 && number === ticks().length;
  };

  const decideMany = async (button) => {
    const picked = chosen();
    if (!picked.length) return say(status.dataset.choose);
    const fields = new FormData(bulk, button);
    // What goes along is of the chosen alone.
    fields.delete("page");
    const ids = new Set(picked.map((tick) => tick.value));
    for (const name of [...fields.keys()]) {
      if (name.startsWith("seen-") && !ids.has(name.slice(5))) fields.delete(name);
    }
    waiting += 1;
    bulk.classList.add("is-busy");
    try {
      const answer = await post(addressOf(bulk), fields);
      const { fresh, message } = place(answer.html);
      say(message?.textContent);
      if (message?.dataset.undo) remember(Promise.resolve(message.dataset.undo));
      count();
      const stale = fresh.find(isOpen);
      if (fresh.length) go(stale || cards().find(isOpen));
    } catch (fault) {
      tell(fault.kind ? fault : new Fault("fault"));
    } finally {
      bulk.classList.remove("is-busy");
      waiting -= 1;
      goOn();
    }
  };

  if (all) {
    // The server's own "all on this page" is for pages without this file.
    all.removeAttribute("name");
    all.addEventListener("change", () => {
      for (const tick of ticks()) tick.checked = all.checked;
      count();
    });
  }
  list?.addEventListener("change", (event) => event.target.matches("[name=chosen]") && count());
  everything?.addEventListener("change", count);
  count();

  // --- Forms in a card ---------------------------------------------------------------------

  const fill = async (link) => {
    const card = link.closest("[data-card]");
    try {
      const answer = await ask(link.href);
      const { fresh } = place(answer.html);
      if (fresh.length) return settle(fresh[0], answer);
      open(card, answer.html);
    } catch (fault) {
      tell(fault.kind ? fault : new Fault("fault"));
    }
  };

  const open = (card, html) => {
    const where = card.querySelector("[data-place]");
    where.innerHTML = html;
    where.querySelector("[data-first]")?.focus();
    where.scrollIntoView({ block: "nearest" });
  };

  const write = async (form, button) => {
    const card = form.closest("[data-card]");
    if (form.matches(".is-busy")) return;
    form.classList.add("is-busy");
    waiting += 1;
    try {
      const answer = await post(addressOf(form), new FormData(form, button));
      const { fresh } = place(answer.html);
      if (fresh.length) settle(fresh[0], answer, true);
      else open(card, answer.html);
    } catch (fault) {
      tell(fault.kind ? fault : new Fault("fault"));
    } finally {
      form.classList.remove("is-busy");
      waiting -= 1;
    }
  };

  const openWords = (card, name) => {
    const words = card.querySelector("[data-words]");
    words.open = true;
    words.querySelector(`[name=${name}]`)?.focus();
  };

  const reasons = (card) => card?.querySelector("[data-reasons]:not([hidden])");

  const askWhy = (card) => {
    const box = card.querySelector("[data-reasons]");
    box.hidden = false;
    box.focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
  };

  const because = (box, code) => {
    const form = box.closest("form");
    form.elements.reason.value = code;
    box.hidden = true;
    decide(form, within(form, "[value=reject]"));
  };

  const leaveWriting = (card) => {
    card.querySelector("[data-place]").replaceChildren();
    go(card);
  };

  // --- What is pressed ---------------------------------------------------------------------

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (form.matches("[data-decide]") && form.closest("[data-cards]")) {
      event.preventDefault();
      if (button.value === "reject" && !form.elements.reason.value) askWhy(form.closest("[data-card]"));
      else decide(form, button);
    } else if (form.matches("[data-write], [data-thread]") && form.closest("[data-cards]")) {
      event.preventDefault();
      write(form, button);
    } else if (form.matches("[data-undo-one]")) {
      event.preventDefault();
      undo(addressOf(form), new FormData(form));
    } else if (form.matches("[data-undo-last]")) {
      event.preventDefault();
      takeBack();
    } else if (form === bulk && !everything?.checked) {
      event.preventDefault();
      decideMany(button);
    }
  });

  // The second click of a double one would be on the next card.
  document.addEventListener(
    "click",
    (event) => event.detail > 1 && event.target.closest("[data-decide] button") && event.preventDefault(),
    true,
  );

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("button, a");
    const card = pressed?.closest("[data-cards] [data-card]");
    if (!pressed) return;
    if (pressed.matches("[data-help]")) help.showModal();
    if (pressed.matches("[data-step]")) step(Number(pressed.dataset.step));
    if (!card) return;
    if (pressed.matches("[data-open]")) openWords(card, pressed.dataset.open);
    if (pressed.matches("[data-unfold]")) unfold(card);
    if (pressed.matches("[data-reason]")) because(reasons(card), pressed.dataset.reason);
    if (pressed.matches("[data-cancel]")) {
      reasons(card).hidden = true;
      go(card);
    }
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey);
    if (plain && pressed.matches("[data-fill], [data-leave]")) {
      event.preventDefault();
      if (pressed.matches("[data-fill]")) fill(pressed);
      else leaveWriting(card);
    }
  });

  const unfold = (card) => {
    const parts = [...card.querySelectorAll("[data-more]")];
    const open = parts.some((part) => !part.open);
    for (const part of parts) part.open = open;
  };

  const step = (by) => {
    const to = current && document.contains(current) ? next(current, by) : cards().find(isOpen);
    if (to) go(to);
    else say(status.dataset.end);
  };

  // A letter's text is offered with the reason, where none was typed yet.
  list?.addEventListener("change", (event) => {
    if (!event.target.matches("[data-decide] [name=reason]")) return;
    const letter = event.target.form.elements.message;
    const offered = [...event.target.options].map((option) => option.dataset.letter || "");
    if (letter && offered.includes(letter.value)) {
      letter.value = event.target.selectedOptions[0].dataset.letter || "";
    }
  });

  // --- Keys --------------------------------------------------------------------------------

  const TYPED = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])";
  let began = "";
  let beganAt = 0;

  // The letter as printed, on any layout; capital with Shift alone, whatever Caps Lock says.
  const letterOf = (event) => {
    if (event.key.length !== 1) return event.key;
    const other = /^Key([A-Z])$/.exec(event.code);
    const key = other && !/^[a-z]$/i.test(event.key) ? other[1] : event.key;
    if (!/^[a-z]$/i.test(key)) return key;
    return event.shiftKey ? key.toUpperCase() : key.toLowerCase();
  };

  const find = (key) => {
    const has = `[data-key="${CSS.escape(key)}"]`;
    const own = current && isOpen(current) ? current.querySelector(has) : null;
    return own || [...document.querySelectorAll(has)].find((one) => !one.closest("[data-card]"));
  };

  const press = (found, event) => {
    event.preventDefault();
    if (found.matches("[type=search]")) found.select();
    else found.click();
  };

  const inTyped = (event) => {
    const card = event.target.closest("[data-card]");
    if (event.key === "Escape" && card) {
      event.preventDefault();
      go(card);
    } else if (event.key === "Escape") event.target.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && card) {
      event.preventDefault();
      const form = event.target.form;
      form.requestSubmit(within(form, "[value=note]") || within(form, "[type=submit]"));
    }
  };

  const inReasons = (box, event, key) => {
    const card = box.closest("[data-card]");
    if (key === "Escape") {
      box.hidden = true;
      go(card);
    } else if (key === "Enter" && !event.target.closest("[data-reasons] button")) because(box, "");
    else {
      const found = [...box.querySelectorAll("[data-digit]")].find((one) => one.dataset.digit === key);
      if (!found) return false;
      because(box, found.dataset.reason);
    }
    event.preventDefault();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (help.open || event.defaultPrevented || event.isComposing) return;
    if (event.target.matches(TYPED)) return inTyped(event);
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const key = letterOf(event);
    if (event.repeat && key !== "j" && key !== "k") return;
    const box = reasons(current);
    if (box && inReasons(box, event, key)) return;
    const second = began && Date.now() - beganAt < 1500 ? `${began} ${key}` : "";
    began = "";
    if (second && find(second)) return press(find(second), event);
    if (key === "g") {
      began = key;
      beganAt = Date.now();
      return;
    }
    if (/^[ARSH]$/.test(key) && !chosen().length && !everything?.checked) {
      return say(status.dataset.choose);
    }
    const found = key.length === 1 && find(key);
    if (found) press(found, event);
  });

  // --- Who is on which card ----------------------------------------------------------------

  let timer;
  const beHere = (soon = 400) => {
    clearTimeout(timer);
    timer = setTimeout(report, soon);
  };

  const report = async () => {
    beHere(20_000);
    if (document.hidden || !current?.dataset.card || !undoLast) return;
    const body = new URLSearchParams(new FormData(undoLast));
    body.set("cards", cards().map((card) => card.dataset.card).join(","));
    try {
      const address = desk.dataset.presence.replace("/0/", `/${current.dataset.card}/`);
      const answer = await ask(address, body);
      const others = answer.ok ? JSON.parse(answer.html) : {};
      for (const card of cards()) {
        const here = card.querySelector("[data-here]");
        if (!here) continue;
        here.textContent = others[card.dataset.card] || "";
        here.hidden = !here.textContent;
      }
    } catch {
      // Nobody needs to know; the next act will tell.
    }
  };
  document.addEventListener("visibilitychange", () => document.hidden || beHere());

  const named = location.hash && document.getElementById(location.hash.slice(1));
  go(cards().find((card) => card === named) || cards().find(isOpen), true);
})();
