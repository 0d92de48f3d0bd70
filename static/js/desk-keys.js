// The desk's keys. Each presses what has it printed on it (data-key): first within the current
// card, then on the page. None fires while one types, with Ctrl, Alt or Meta, or when held.
(() => {
  "use strict";
  const desk = window.parleyDesk;
  if (!desk?.current) return;
  const help = document.getElementById("desk-help");
  const ACTS = "arsh";
  // Those that some card or page has no button for.
  const KNOWN = "arshARSHmewbnxdoJK";
  const SECOND_WITHIN = 1500;
  let began = 0;

  // The letter as printed, on any layout; capital with Shift alone, whatever Caps Lock says.
  const letterOf = (event) => {
    if (event.key.length !== 1) return event.key;
    const place = /^Key([A-Z])$/.exec(event.code);
    const key = place && !/^[a-z]$/i.test(event.key) ? place[1] : event.key;
    if (!/^[a-z]$/i.test(key)) return key;
    return event.shiftKey ? key.toUpperCase() : key.toLowerCase();
  };

  const find = (key) => {
    const has = `[data-key="${CSS.escape(key)}"]`;
    const own = desk.current()?.querySelector(has);
    return own || [...document.querySelectorAll(has)].find((one) => !one.closest("[data-card]"));
  };

  const press = (found, event) => {
    event.preventDefault();
    if (found.matches("[type=search]")) found.select();
    else found.click();
  };

  const whileTyping = (event) => {
    const card = event.target.closest("[data-cards] [data-card]");
    const { form } = event.target;
    if (event.key === "Escape") {
      event.preventDefault();
      if (card) leaveBox(card, form);
      else event.target.blur();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && card) {
      event.preventDefault();
      if (event.target.name === "message") return desk.sayThat("letterAlone");
      form.requestSubmit(desk.within(form, "[value=note]") || desk.within(form, "[type=submit]"));
    }
  };

  // A box that nothing was typed into closes.
  const leaveBox = (card, form) => {
    if (form.matches("[data-write]") && !desk.unsentIn(form).length) return desk.close(form);
    desk.go(card);
    if (desk.unsentBox(card)) desk.sayThat("unsent");
  };

  // Return whether the key was an answer to "why is it rejected?".
  const whileChoosing = (box, event, key) => {
    const onButton = event.target.closest("[data-reasons] button");
    const chosen = [...box.querySelectorAll("[data-digit]")].find((one) => one.dataset.digit === key);
    if (key === "Escape") desk.neverMind(box.closest("[data-card]"));
    else if (key === "Enter" && !onButton) desk.because(box, "");
    else if (chosen) desk.because(box, chosen.dataset.reason);
    else if (/^[0-9]$/.test(key)) desk.sayThat("noReason");
    else return false;
    event.preventDefault();
    return true;
  };

  // Why a key that the desk has is on no button now.
  const explain = (key) => {
    const card = desk.current();
    const status = card?.querySelector(".card-head .status")?.textContent;
    if (key === "J" || key === "K") desk.sayThat(key === "J" ? "noNext" : "noBefore");
    else if (ACTS.toUpperCase().includes(key)) desk.sayThat("notHere");
    else if (!card) desk.sayThat("noCard");
    else if (key === "m") desk.sayThat("noLetter");
    else if (key === "o") desk.sayThat("noPlace");
    else desk.say(desk.wordsOf("impossible").replace("{status}", status));
  };

  const isRefused = (key, event) => {
    if (event.repeat && key !== "j" && key !== "k") return true;
    if (ACTS.includes(key) && desk.current()?.matches(".is-guarded")) return true;
    if (!ACTS.toUpperCase().includes(key) || desk.hasSelection?.()) return false;
    desk.sayThat("choose");
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (help.open || event.defaultPrevented || event.isComposing) return;
    if (event.target.matches(desk.TYPED)) return whileTyping(event);
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const key = letterOf(event);
    const box = desk.reasons(desk.current());
    if (box && !event.repeat && whileChoosing(box, event, key)) return;
    if (key.length !== 1) return;
    const led = Date.now() - began < SECOND_WITHIN && find(`g ${key}`);
    began = key === "g" ? Date.now() : 0;
    if (led && !event.repeat) return press(led, event);
    if (isRefused(key, event)) return;
    const found = find(key);
    if (found) press(found, event);
    else if (KNOWN.includes(key)) explain(key);
  });
})();
