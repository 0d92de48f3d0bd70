// The selection at the desk: ticks, how many there are, and one act on all of them. What is stale
// stays selected; "all that match" is sent as a form of its own.
(() => {
  "use strict";
  const desk = window.parleyDesk;
  const bulk = document.querySelector("[data-desk] [data-bulk]");
  if (!desk?.current || !bulk) return;
  const list = document.querySelector("[data-cards]");
  const all = bulk.querySelector("[data-all]");
  const everything = bulk.querySelector("[data-everything]");
  const told = bulk.querySelector("[data-selected]");

  const ticks = () => [...list.querySelectorAll("[name=chosen]")];
  const chosen = () => ticks().filter((tick) => tick.checked);
  const hasSelection = () => chosen().length > 0 || Boolean(everything?.checked);

  const count = () => {
    const number = chosen().length;
    told.textContent = number ? `${told.dataset.words} ${number}` : told.dataset.wordsNone;
    bulk.classList.toggle("has-selection", hasSelection());
    all.checked = number > 0 && number === ticks().length;
  };

  const decideMany = async (button) => {
    const ids = new Set(chosen().map((tick) => tick.value));
    if (!ids.size) return desk.sayThat("choose");
    if (!areFree(chosen().map((tick) => tick.closest("[data-card]")))) return undefined;
    const fields = new FormData(bulk, button);
    for (const name of [...fields.keys()]) {
      if (name.startsWith("seen-") && !ids.has(name.slice(5))) fields.delete(name);
    }
    bulk.classList.add("is-busy");
    const done = send(fields);
    desk.remember(done);
    await done;
    bulk.classList.remove("is-busy");
    desk.goOn();
  };

  // A common act takes no card's own words along: they come first.
  const areFree = (cards) => {
    const typed = cards.flatMap((card) => desk.unsentIn(card));
    if (!typed.length) return true;
    const folded = typed[0].closest("details");
    if (folded) folded.open = true;
    typed[0].focus();
    desk.sayThat("unsentMany");
    return false;
  };

  const send = async (fields) => {
    try {
      const answer = await desk.post(desk.addressOf(bulk), fields);
      const { fresh, message } = desk.place(answer, { form: bulk, fields });
      desk.say(message?.textContent);
      count();
      if (fresh.length) desk.go(fresh.find(desk.isOpen) || desk.cards().find(desk.isOpen));
      return message?.dataset.undo && { undo: message.dataset.undo, said: message.textContent };
    } catch (fault) {
      desk.tell(fault);
      return undefined;
    }
  };

  bulk.addEventListener("submit", (event) => {
    // All that match may be any card here, and the page is left.
    if (everything?.checked && areFree(desk.cards())) return;
    event.preventDefault();
    if (everything?.checked) return;
    if (!bulk.matches(".is-busy")) decideMany(event.submitter);
  });

  // The server's own "all on this page" is for pages without this file.
  all.removeAttribute("name");
  all.addEventListener("change", () => {
    for (const tick of ticks()) tick.checked = all.checked;
    count();
  });
  everything?.addEventListener("change", count);
  list.addEventListener("change", (event) => event.target.matches("[name=chosen]") && count());
  list.addEventListener("desk:left", count);
  desk.hasSelection = hasSelection;
  count();
})();
