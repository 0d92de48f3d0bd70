// Around a post that is written: a sign-in that ended is mended in a dialog, what another wrote is
// told with a way on, and who else is here is shown.
(() => {
  "use strict";
  const saving = window.parleySaving;
  if (!saving) return;
  const { form } = saving;
  const { make } = window.parley;
  const EVERY = 20_000;
  const PAUSE = 700;

  // --- The sign-in ended -----------------------------------------------------------------------

  let dialog = null;
  let isAsked = false;
  let typedAt = -PAUSE;
  form.addEventListener("keydown", () => (typedAt = performance.now()));

  // A dialog takes the keys: it waits until nobody is in the middle of a word.
  const openDialog = (name, said) => {
    const wait = typedAt + PAUSE - performance.now();
    if (wait > 0) return setTimeout(() => openDialog(name, said), wait);
    const before = form.contains(document.activeElement) ? document.activeElement : form.elements.body;
    dialog?.remove();
    dialog = make(name);
    if (said) dialog.querySelector(".said").textContent = said;
    document.body.append(dialog);
    dialog.showModal();
    dialog.addEventListener("close", () => {
      // Chromium gives the focus back without the keys to a dialog that a pointer closed.
      before.blur();
      before.focus();
    });
  };

  // The whole sign-in, with keys, codes and other accounts, in a window of its own: its page shows
  // in no frame, and what was typed here stays where it is.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".sign-in-again a");
    if (!link) return;
    isAsked = true;
    if (window.open(link.href, "parley-sign-in", "popup,width=520,height=760")) event.preventDefault();
  });

  const tryAgain = () => {
    if (dialog) saving.goOn();
  };
  try {
    new BroadcastChannel("parley-writing").addEventListener("message", ({ data }) => data.kind === "signed in" && tryAgain());
  } catch {
    // The look at the page, below, is enough.
  }
  window.addEventListener("focus", () => isAsked && tryAgain());

  document.addEventListener("parley:saved", () => {
    if (!dialog) return;
    dialog.close();
    dialog.remove();
    dialog = null;
    isAsked = false;
  });

  // --- What is true from then on ------------------------------------------------------------------

  document.addEventListener("parley:saved", () => {
    for (const said of document.querySelectorAll("[data-until-saved]")) said.hidden = true;
    for (const offered of document.querySelectorAll("[data-once-saved]")) offered.hidden = false;
  });

  // --- What another wrote ------------------------------------------------------------------------

  const offerMerge = (said) => {
    const note = make("stale");
    note.querySelector(".said").textContent = said;
    note.querySelector("button").addEventListener("click", () => {
      form.action = form.dataset.conflict;
      form.requestSubmit();
    });
    // In view wherever one writes; the focus stays, or what is typed on would go nowhere.
    form.querySelector(":scope > .form-actions").prepend(note);
  };

  document.addEventListener("parley:stopped", ({ detail: { reason, said, told } }) => {
    if (reason === "signed_out") openDialog("sign-in");
    else if (reason === "somebody_else") openDialog("somebody-else", said);
    else if (reason === "stale") {
      form.dataset.conflict = told.conflict;
      if (!document.querySelector(".is-stale")) offerMerge(said);
    }
  });

  // --- Who else is here ------------------------------------------------------------------------

  const list = document.querySelector("ul.others");
  const show = (others = []) => {
    if (!list) return;
    const lines = others.map((said) => {
      const line = document.createElement("li");
      line.dir = "auto";
      line.textContent = said;
      return line;
    });
    list.replaceChildren(...lines);
    list.hidden = !lines.length;
  };
  document.addEventListener("parley:saved", ({ detail }) => show(detail.others));

  const beHere = async () => {
    if (document.hidden || !form.dataset.here || dialog) return;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    const answer = await fetch(form.dataset.here, { method: "POST", body }).catch(() => null);
    const told = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!told) return;
    show(told.others);
    const isBehind = told.version > Number(form.elements.version.value);
    if (isBehind && !saving.isDirty() && !saving.isBusy() && !document.querySelector(".beside")) form.before(make("newer"));
  };
  setInterval(beHere, EVERY);
  document.addEventListener("visibilitychange", beHere);
})();
