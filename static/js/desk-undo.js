// What was done at the desk is taken back, the newest first: by z, or by the button on the line of
// one act. Where this page did nothing, the last act is the one that the site named.
(() => {
  "use strict";
  const desk = window.parleyDesk;
  const undoLast = document.querySelector("[data-desk] [data-undo-last]");
  if (!desk || !undoLast) return;

  // Each a promise of what is said of an act and where it is undone, or of nothing where it was
  // not done; the newest at the end.
  const acts = [];
  // What was undone by its own button is still among them.
  const undone = new Set();

  const remember = (promise) => {
    acts.push(promise);
    undoLast.hidden = false;
  };

  // Return whether the site answered.
  const undo = async (address, fields) => {
    try {
      const answer = await desk.post(address, fields);
      undone.add(address);
      show(answer);
      return true;
    } catch (fault) {
      desk.tell(fault);
      return false;
    }
  };

  const show = (answer) => {
    const { fresh, message } = desk.place(answer);
    undoLast.setAttribute("action", (message || fresh[0])?.dataset.last || "#");
    desk.say(message?.textContent || fresh[0]?.dataset.said);
    if (!fresh[0]?.isConnected) return;
    if (answer.ok) desk.go(fresh[0]);
    else desk.settle(fresh[0], answer);
  };

  const popDone = async () => {
    while (acts.length) {
      const done = await acts.pop();
      if (done && !undone.has(done.undo)) return done;
    }
    return undefined;
  };

  // What cannot be undone is said first: whoever takes back a reply must not take back, by the
  // same key, what they decided before it.
  const passOver = async ({ said }) => {
    let done = await popDone();
    while (done && !done.undo) done = await popDone();
    if (done) acts.push(done);
    desk.say(`${said} ${desk.wordsOf("final")}`);
  };

  const takeBackNow = async () => {
    const done = await popDone();
    if (done && !done.undo) return passOver(done);
    const address = done?.undo || undoLast.getAttribute("action");
    if (address === "#") return desk.sayThat("nothing");
    const isDone = await undo(address, new FormData(undoLast));
    if (done && !isDone) acts.push(done);
  };

  // One after the other, so that the second knows what the first took.
  let takingBack = Promise.resolve();
  const inTurn = (takeBack) => {
    takingBack = takingBack.then(takeBack);
  };

  document.addEventListener("submit", (event) => {
    const { target: form } = event;
    if (!form.matches("[data-undo-one], [data-undo-last]")) return;
    event.preventDefault();
    if (form === undoLast) return inTurn(takeBackNow);
    const fields = new FormData(form);
    return inTurn(() => undo(desk.addressOf(form), fields));
  });

  desk.remember = remember;
})();
