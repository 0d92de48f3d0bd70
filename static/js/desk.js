// The desk's cards: an act is sent in the background, the card folds to one line at once, and it
// comes back with what was typed when it could not be done. Everything works without this file;
// desk-keys.js presses the same buttons by keys; desk-undo.js takes back.
(() => {
  "use strict";
  const desk = document.querySelector("[data-desk]");
  if (!desk) return;
  const { say, sayThat, ask, post, isWaiting, unsentIn, unsentBox } = window.parleyDesk;
  const { carry, count, remember } = window.parleyDesk;
  const list = desk.querySelector("[data-cards]");
  const help = document.getElementById("desk-help");
  const TYPED = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])";
  document.documentElement.classList.add("has-keys");

  const cards = () => (list ? [...list.querySelectorAll("[data-card]")] : []);
  const isOpen = (card) => !card.matches("[data-done], .is-leaving");
  // A button called "action" hides the property of that name.
  const addressOf = (form) => form.getAttribute("action");
  const within = (form, has) => [...form.elements].find((one) => one.matches(has));
  const tell = (fault) => sayThat(fault.kind || "fault");

  // --- The current card --------------------------------------------------------------------

  let current = null;

  const choose = (card) => {
    if (!card || card === current) return;
    current?.classList.remove("is-current");
    current = card;
    card.classList.add("is-current");
    list.dispatchEvent(new CustomEvent("desk:current"));
  };

  const go = (card, isQuiet = false) => {
    if (!card) return;
    choose(card);
    card.focus({ preventScroll: true });
    if (isQuiet) return;
    const bar = coveredAbove();
    const box = card.getBoundingClientRect();
    const fits = box.top >= bar && box.bottom <= innerHeight;
    if (!fits) scrollBy({ top: box.top - bar - 12, behavior: "instant" });
  };

  // How much of the window the bar takes once it sticks, wherever it is now.
  const coveredAbove = () => {
    const bar = list.previousElementSibling;
    return bar && getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
  };

  // The next one to decide on; above with `step` -1.
  const next = (from, step = 1) => {
    const all = cards();
    const at = all.indexOf(from);
    const others = step > 0 ? all.slice(at + 1) : all.slice(0, Math.max(at, 0)).reverse();
    return others.find(isOpen);
  };

  const step = (by) => {
    const to = current?.isConnected ? next(current, by) : cards().find(isOpen);
    if (to) go(to);
    else sayThat("end");
  };

  list?.addEventListener("focusin", (event) => choose(event.target.closest("[data-card]")));
  list?.addEventListener("pointerdown", (event) => choose(event.target.closest("[data-card]")));

  // A card that comes back takes the focus, but not from whoever is writing. A key that was meant
  // for the next one must not decide on it: for a moment it takes none.
  const comeForward = (card) => {
    card.classList.add("is-guarded");
    setTimeout(() => card.classList.remove("is-guarded"), 700);
    if (!document.activeElement?.matches(TYPED)) go(card);
  };

  // --- What comes back ---------------------------------------------------------------------

  // Put each card of an answer in its place; return them, and what else it says. What was typed
  // in the card before and not `sent` goes over into the new one.
  const place = (answer, sent) => {
    const part = document.createElement("template");
    part.innerHTML = answer.html;
    const fresh = [...part.content.querySelectorAll("[data-card]")];
    const message = part.content.querySelector("[data-message]");
    if (message) count(message, false);
    // What was done to the comment as it was seen shows nothing that is news to whoever did it.
    const isKnown = answer.ok && (!sent || Boolean(sent.form.elements.seen));
    for (const card of fresh) {
      const old = document.getElementById(card.id);
      count(card, Boolean(old));
      if (old) carry(old, card, { sent, isKnown });
      if (!old) list?.prepend(card);
      else if (old === current) {
        old.replaceWith(card);
        current = null;
        if (isOpen(card)) choose(card);
      } else old.replaceWith(card);
    }
    // The page that was empty is so no more.
    if (fresh.length && !list) location.reload();
    return { fresh, message };
  };

  const settle = (card, answer) => {
    if (answer.ok) {
      say(card.dataset.said);
      if (isOpen(card)) go(card);
      return;
    }
    say(card.querySelector(".card-problem strong")?.textContent);
    comeForward(card);
  };

  const goOn = () => {
    if (isWaiting() || !list || cards().some(isOpen) || !desk.dataset.next) return;
    sayThat("loading");
    location.assign(desk.dataset.next);
  };

  // --- One act on one card -----------------------------------------------------------------

  const outcome = (answer, { undo, said } = {}) => (answer.ok ? { undo, said } : undefined);

  const leave = (card, word) => {
    const line = card.querySelector(".card-line");
    line.querySelector("[data-word]").textContent = word;
    line.hidden = false;
    card.classList.add("is-leaving");
    const tick = card.querySelector("[name=chosen]");
    if (tick) tick.checked = false;
    list.dispatchEvent(new CustomEvent("desk:left"));
    say(`${word}: ${card.querySelector("h2").textContent}.`);
  };

  const comeBack = (card) => {
    card.classList.remove("is-leaving", "is-busy");
    card.querySelector(".card-line").hidden = true;
    comeForward(card);
  };

  const decide = (form, button) => {
    const card = form.closest("[data-card]");
    if (card.matches(".is-leaving, .is-busy")) return;
    if (button.value !== "note" && !isFree(card)) return;
    const fields = new FormData(form, button);
    const stays = button.value === "note";
    if (stays) card.classList.add("is-busy");
    else foldAndMoveOn(card, button.dataset.done);
    const done = send(card, form, fields, stays);
    done.then(goOn);
    remember(done);
  };

  // An act would lose what stands in a box of the card: its words come first.
  const isFree = (card) => {
    const box = unsentBox(card);
    if (!box) return true;
    box.focus();
    box.scrollIntoView({ block: "nearest" });
    sayThat("unsent");
    return false;
  };

  // What comes next stands where this one stood.
  const foldAndMoveOn = (card, word) => {
    const { top } = card.getBoundingClientRect();
    const following = next(card) || next(card, -1);
    leave(card, word);
    if (!following) return card.focus({ preventScroll: true });
    go(following);
    const shift = following.getBoundingClientRect().top - top;
    if (top > 0 && shift > 0) scrollBy({ top: shift, behavior: "instant" });
  };

  const send = async (card, form, fields, stays) => {
    try {
      const answer = await post(addressOf(form), fields);
      const { fresh } = place(answer, { form, fields });
      if (!fresh.length) throw new Error("no card");
      if (answer.ok && !stays) {
        for (const old of list.querySelectorAll(".is-last")) old.classList.remove("is-last");
        fresh[0].classList.add("is-last");
      } else settle(fresh[0], answer);
      return outcome(answer, fresh[0].dataset);
    } catch (fault) {
      tell(fault);
      comeBack(card);
      return undefined;
    }
  };

  // --- Why ---------------------------------------------------------------------------------

  const reasons = (card) => card?.querySelector("[data-reasons]:not([hidden])");

  const askWhy = (card) => {
    if (!isFree(card)) return;
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

  const neverMind = (card) => {
    reasons(card).hidden = true;
    go(card);
  };

  // A letter's text is offered with the reason, where none was typed yet.
  list?.addEventListener("change", (event) => {
    if (!event.target.matches("[data-words] [name=reason]")) return;
    const letter = event.target.form.elements.message;
    const offered = [...event.target.options].map((option) => option.dataset.letter || "");
    if (letter && offered.includes(letter.value)) {
      letter.value = event.target.selectedOptions[0].dataset.letter || "";
    }
  });

  // --- Forms in a card ---------------------------------------------------------------------

  const formOf = (card, address) =>
    [...card.querySelectorAll("[data-write]")].find((form) => addressOf(form) === address);

  // A box that is open already keeps what was typed into it.
  const fill = async (link) => {
    const card = link.closest("[data-card]");
    const opened = formOf(card, new URL(link.href).pathname);
    if (opened) return opened.querySelector("[data-first]").focus();
    try {
      const answer = await ask(link.href);
      const { fresh } = place(answer);
      if (fresh.length) settle(fresh[0], answer);
      else open(card, answer);
    } catch (fault) {
      tell(fault);
    }
  };

  const open = (card, answer, sent) => {
    const part = document.createElement("template");
    part.innerHTML = answer.html;
    const form = part.content.querySelector("[data-write]");
    const old = formOf(card, addressOf(form));
    for (const area of old ? unsentIn(old, sent) : []) form.elements[area.name].value = area.value;
    if (old) old.replaceWith(form);
    else card.querySelector("[data-place]").append(form);
    form.querySelector("[data-first]").focus();
    form.scrollIntoView({ block: "nearest" });
  };

  const write = (form, button) => {
    if (form.matches(".is-busy")) return;
    form.classList.add("is-busy");
    remember(sendBox(form, new FormData(form, button)));
  };

  const sendBox = async (form, fields) => {
    try {
      const answer = await post(addressOf(form), fields);
      const { fresh } = place(answer, { form, fields });
      if (fresh.length) settle(fresh[0], answer);
      else open(form.closest("[data-card]"), answer, { form, fields });
      return outcome(answer, fresh[0]?.dataset);
    } catch (fault) {
      tell(fault);
      return undefined;
    } finally {
      form.classList.remove("is-busy");
    }
  };

  const close = (form) => {
    const card = form.closest("[data-card]");
    form.remove();
    go(card);
  };

  const openWords = (card, name) => {
    const words = card.querySelector("[data-words]");
    words.open = true;
    words.querySelector(`[name=${name}]`)?.focus();
  };

  const unfold = (card) => {
    const parts = [...card.querySelectorAll("[data-more]")];
    const isOpening = parts.some((part) => !part.open);
    for (const part of parts) part.open = isOpening;
  };

  // --- What is pressed ---------------------------------------------------------------------

  document.addEventListener("submit", (event) => {
    const { target: form, submitter: button } = event;
    const card = form.closest("[data-cards] [data-card]");
    if (!card || !form.matches("[data-decide], [data-write], [data-thread]")) return;
    event.preventDefault();
    if (!form.matches("[data-decide]")) write(form, button);
    else if (button.value === "reject" && !form.elements.reason.value) askWhy(card);
    else decide(form, button);
  });

  // The second click of a double one would be on the next card.
  const stopSecond = (event) => {
    if (event.detail > 1 && event.target.closest("[data-decide] button")) event.preventDefault();
  };
  document.addEventListener("click", stopSecond, true);

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("button, a");
    if (!pressed) return;
    if (pressed.matches("[data-help]")) help.showModal();
    if (pressed.matches("[data-step]")) step(Number(pressed.dataset.step));
    const card = pressed.closest("[data-cards] [data-card]");
    if (!card) return;
    if (pressed.matches("[data-open]")) openWords(card, pressed.dataset.open);
    if (pressed.matches("[data-unfold]")) unfold(card);
    if (pressed.matches("[data-reason]")) because(reasons(card), pressed.dataset.reason);
    if (pressed.matches("[data-cancel]")) neverMind(card);
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey);
    if (!isPlain || !pressed.matches("[data-fill], [data-leave]")) return;
    event.preventDefault();
    if (pressed.matches("[data-fill]")) fill(pressed);
    else close(pressed.closest("[data-write]"));
  });

  Object.assign(window.parleyDesk, {
    TYPED,
    cards,
    within,
    go,
    reasons,
    because,
    neverMind,
    close,
    current: () => (current?.isConnected && isOpen(current) ? current : null),
    addressOf,
    tell,
    place,
    settle,
    goOn,
    isOpen,
  });
  const named = location.hash && document.getElementById(location.hash.slice(1));
  go(cards().find((card) => card === named) || cards().find(isOpen), true);
})();
