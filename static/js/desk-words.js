// What was typed at the desk and not sent: found before an act could lose it, and carried over into
// the card that takes another's place. A form with data-kept is one that came back unsent.
(() => {
  "use strict";
  const desk = window.parleyDesk;
  if (!desk) return;

  // `sent`: the form and the fields that are on their way, with what was typed until then.
  const isUnsent = (area, sent) => {
    const isNew = area.value !== area.defaultValue;
    const isKept = area.form?.matches("[data-kept]") && area.value.trim();
    const isSent = sent && area.form === sent.form && sent.fields.get(area.name) === area.value;
    return Boolean(isNew || isKept) && !isSent;
  };

  const unsentIn = (part, sent) =>
    [...part.querySelectorAll("textarea")].filter((area) => isUnsent(area, sent));

  // An act on one card takes its note and letter along, but not what stands in other boxes.
  const unsentBox = (card) => unsentIn(card).find((area) => area.closest("[data-write]"));

  const carryChoice = (old, fresh, sent) => {
    const chosen = old.querySelector("[data-words] select");
    const there = chosen && fresh.querySelector("[data-words] select");
    if (there && !there.value && chosen.form !== sent?.form) there.value = chosen.value;
  };

  const carryBox = (form, card, isKnown) => {
    const boxes = [...card.querySelectorAll("[data-write]")];
    const there = boxes.find((box) => desk.addressOf(box) === desk.addressOf(form));
    if (there) {
      for (const area of unsentIn(form)) there.elements[area.name].value = area.value;
      return;
    }
    card.querySelector("[data-place]").append(form);
    // What is typed beside a card is about what it shows, where that was seen.
    const seen = card.querySelector("[data-decide] [name=seen]");
    if (isKnown && seen) form.elements.seen.value = seen.value;
  };

  const carry = (old, fresh, { sent, isKnown }) => {
    if (!fresh.querySelector("[data-place]")) return;
    carryChoice(old, fresh, sent);
    for (const area of unsentIn(old, sent)) {
      const form = area.closest("[data-write]");
      const box = area.id && fresh.querySelector(`#${CSS.escape(area.id)}`);
      if (form) carryBox(form, fresh, isKnown);
      else if (box) {
        box.value = area.value;
        box.closest("details").open = true;
      }
    }
  };

  addEventListener("beforeunload", (event) => {
    const cards = document.querySelectorAll("[data-card]:not([data-done], .is-leaving)");
    const isUnsentAnywhere = [...cards].some((card) => unsentIn(card).length);
    if (desk.isWaiting() || isUnsentAnywhere) event.preventDefault();
  });

  Object.assign(desk, { unsentIn, unsentBox, carry });
})();
