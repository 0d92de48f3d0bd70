// Who is on which card: told to the site every now and then, and shown on the cards of others.
(() => {
  "use strict";
  const desk = window.parleyDesk;
  const list = document.querySelector("[data-desk] [data-cards]");
  if (!desk?.current || !list) return;
  const place = document.querySelector("[data-desk]").dataset.presence;
  const fields = document.querySelector("[data-undo-last]");
  const SOON = 400;
  const LATER = 20_000;

  let timer;
  const beHere = (after = SOON) => {
    clearTimeout(timer);
    timer = setTimeout(report, after);
  };

  const show = (others) => {
    for (const here of list.querySelectorAll("[data-here]")) {
      here.textContent = others[here.closest("[data-card]").dataset.card] || "";
      here.hidden = !here.textContent;
    }
  };

  const report = async () => {
    beHere(LATER);
    const card = desk.current();
    if (document.hidden || !card) return;
    const body = new URLSearchParams(new FormData(fields));
    body.set("cards", desk.cards().map((one) => one.dataset.card).join(","));
    try {
      const answer = await desk.ask(place.replace("/0/", `/${card.dataset.card}/`), body);
      if (answer.ok) show(JSON.parse(answer.html));
    } catch {
      // Nobody needs to know; the next act will tell.
    }
  };

  list.addEventListener("desk:current", () => beHere());
  document.addEventListener("visibilitychange", () => document.hidden || beHere());
  beHere();
})();
