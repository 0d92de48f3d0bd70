// What the desk sends and what it says of that: one act after the other, and nothing is lost when
// the site does not answer, or when the sign-in ended. desk.js decides what is sent.
(() => {
  "use strict";
  const status = document.getElementById("desk-status");
  if (!status) return;

  // --- What is said ------------------------------------------------------------------------

  const LASTING = ["network", "fault", "signedOut", "unsent"].map((name) => status.dataset[name]);
  let quietly;
  const say = (text) => {
    status.textContent = text || "";
    clearTimeout(quietly);
    // What went wrong stays until something else is said.
    if (!LASTING.includes(text)) quietly = setTimeout(say, 6000);
  };
  const wordsOf = (name) => status.dataset[name] || status.dataset.fault;
  const sayThat = (name) => say(wordsOf(name));

  // --- What is sent ------------------------------------------------------------------------

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

  // One after the other: the log has the acts in the order in which they were done.
  let line = Promise.resolve();
  let waiting = 0;
  let refused = 0;
  const post = (address, fields) => {
    waiting += 1;
    const sent = line.then(() => postNow(address, fields)).finally(() => {
      waiting -= 1;
    });
    line = sent.then(({ ok }) => ok, () => false).then((isDone) => {
      refused += isDone ? 0 : 1;
    });
    return sent;
  };

  // Whoever leads away waits for what was done, and stays where it was not: the card says why.
  // Whoever closes the page is asked (desk-words.js).
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || link?.target;
    if (!link || !waiting || isElsewhere || event.defaultPrevented) return;
    event.preventDefault();
    const before = refused;
    line.then(() => {
      if (refused === before) location.assign(link.href);
    });
  });

  window.parleyDesk = { say, sayThat, wordsOf, ask, post, isWaiting: () => waiting > 0 };
})();
