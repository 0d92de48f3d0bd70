// A post saves itself while it is written: on this device at once, on the site a second later. One
// request at a time, so that no answer overtakes another; a button waits for the one on its way.
// What another wrote meanwhile is never overwritten: the site says so, and saving by itself ends.
(() => {
  "use strict";
  const form = document.querySelector("form[data-autosave]");
  const device = window.parleyDevice;
  if (!form?.dataset.autosave || !device) return;
  const { make } = window.parley;
  const PAUSE = 1000;
  const AT_LEAST_EVERY = 3000;
  const PATIENCE = 15_000;
  const MOST_WAIT = 30_000;
  // Browsers let no more than this go out while a page is left.
  const LAST_MOST = 60_000;
  const NOT_WORDS = new Set(["csrfmiddlewaretoken", "version", "token", "person", "action"]);

  // What only a button takes: until then this device alone has it.
  const BY_BUTTON = /^(reason|publish_at|remove_cover|(picture|cover)_(?!seen).+)$/;
  // How the page came: no word of anybody's.
  const MARKS = /^(initial-.+|cover_seen)$/;

  const random = crypto.getRandomValues(new Uint32Array(3));
  const id = [...random].map((part) => part.toString(36)).join("");
  const status = document.querySelector(".save-state");
  const box = (name) => form.elements[name];
  // A hidden field, which a reload must not fill with what it said before.
  form.autocomplete = "off";

  // --- What stands in the form -------------------------------------------------------------------

  const fields = () => {
    const found = {};
    for (const [name, value] of new FormData(form)) {
      if (NOT_WORDS.has(name) || typeof value !== "string") continue;
      (found[name] ||= []).push(value.replace(/\r\n?/g, "\n"));
    }
    return found;
  };
  const words = () => JSON.stringify(fields());
  const byButton = () => JSON.stringify(Object.entries(fields()).filter(([name, [value]]) => BY_BUTTON.test(name) && value));

  const put = (given) => {
    for (const control of form.elements) {
      if (!control.name || NOT_WORDS.has(control.name) || control.type === "file") continue;
      const values = given[control.name] || [];
      if (/^(checkbox|radio)$/.test(control.type)) control.checked = values.includes(control.value);
      else if (control.type === "select-multiple") for (const option of control.options) option.selected = values.includes(option.value);
      else if (control.name in given) control.value = values[0];
    }
    form.querySelectorAll("textarea, input[type=text]").forEach((control) => control.dispatchEvent(new Event("input", { bubbles: true })));
  };

  // --- What is known --------------------------------------------------------------------------

  // What the site has of this form; nothing yet of what it has just given back.
  let saved = form.hasAttribute("data-unsaved") ? null : words();
  const cameWith = saved ? byButton() : "[]";
  let turns = 0;
  let isKeptHere = true;
  let inFlight = null;
  // A request that was not answered: the site may have it. It is asked with the same words again.
  let unanswered = null;
  // What was sent last and is not known to have come, or not to.
  let onItsWay = null;
  // Why nothing is sent by itself any more: "stale", "signed_out", ...
  let stopped = null;
  let isLeaving = false;
  let failures = 0;
  let timer;
  let begunAt;

  const isDirty = () => words() !== saved;
  const isLeft = () => byButton() !== cameWith;

  const say = (name, said = "") => {
    const part = name && make(`state-${name}`);
    const place = part?.querySelector(".said");
    if (place) place.textContent = said;
    const text = part?.textContent ?? said;
    if (!status || (status.textContent === text && !part?.children.length)) return;
    status.replaceChildren(...(part ? part.childNodes : [text]));
  };

  // --- On this device -------------------------------------------------------------------------

  const copy = () => ({
    id,
    post: form.dataset.post || null,
    person: form.dataset.person,
    token: box("token")?.value || "",
    version: box("version").value,
    fields: fields(),
    sent: onItsWay === words() ? null : onItsWay,
    at: Date.now(),
    turn: (turns += 1),
  });

  const keepHere = async () => {
    isKeptHere = false;
    isKeptHere = await device.keep(copy());
    return isKeptHere;
  };

  // --- On the site ----------------------------------------------------------------------------

  const plan = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = begunAt = undefined;
      save();
    }, wait);
  };

  // While somebody types on and on, the first of it is not put off for ever.
  const planSoon = () => {
    begunAt ??= Date.now();
    plan(Math.max(0, Math.min(PAUSE, begunAt + AT_LEAST_EVERY - Date.now())));
  };

  const payload = () => {
    const body = new FormData();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
    body.set("person", form.dataset.person);
    return { words: words(), body };
  };

  const ask = async ({ body }) => {
    // Of another page of the same person a token may have come meanwhile, and a version.
    body.set("csrfmiddlewaretoken", box("csrfmiddlewaretoken").value);
    const size = [...body.values()].reduce((sum, value) => sum + new Blob([value]).size + 150, 0);
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      keepalive: size < LAST_MOST,
      signal: AbortSignal.timeout(PATIENCE),
    });
    const told = await answer.json().catch(() => ({}));
    return { status: answer.status, told };
  };

  const adopt = (sent, told) => {
    // Words of an older version may have taken the place of what was on its way: theirs counts.
    if (box("version").value === sent.body.get("version")) box("version").value = told.version;
    if (!told.edit_url || form.dataset.post) return;
    // A new post is one of its own from its first words on.
    form.action = told.edit_url;
    history.replaceState(history.state, "", told.edit_url);
    Object.assign(form.dataset, { autosave: told.autosave_url, here: told.here_url, conflict: told.conflict_url });
    form.dataset.post = told.edit_url.match(/(\d+)\/$/)[1];
    if (box("token")) box("token").value = "";
  };

  // A place in a series that the site has is a wish no more: others may move the post from there.
  const placed = ({ words, body }) => {
    const has = JSON.parse(words);
    for (const name of ["series", "series_position"]) {
      const cameAs = box(`initial-${name}`);
      if (cameAs && body.has(name)) has[cameAs.name] = [(cameAs.value = body.get(name))];
    }
    return JSON.stringify(has);
  };

  const taken = async (sent, told) => {
    failures = 0;
    unanswered = onItsWay = null;
    saved = placed(sent);
    adopt(sent, told);
    document.dispatchEvent(new CustomEvent("parley:saved", { detail: told }));
    if (told.state) say(isLeft() ? "partly" : null, told.state);
    if (isDirty()) {
      keepHere();
      plan(0);
    } else if (isLeft()) await keepHere();
    else await device.forget(id);
  };

  const failed = (sent) => {
    unanswered = sent;
    failures += 1;
    say(isKeptHere ? "device" : "nowhere");
    plan(Math.min(1000 * 2 ** failures, MOST_WAIT));
  };

  const stop = (reason, said, told) => {
    stopped = reason;
    // Then it is offered with the next new post.
    if (reason === "gone") form.dataset.post = "";
    keepHere();
    say(reason, said);
    document.dispatchEvent(new CustomEvent("parley:stopped", { detail: { reason, said, told } }));
  };

  const judge = async (sent, { status: code, told }) => {
    if (code === 200 && told.version !== undefined) return taken(sent, told);
    if (told.reason === "token") {
      box("csrfmiddlewaretoken").value = told.token;
      unanswered = sent;
      failures += 1;
      // Where no cookie is taken no token ever fits.
      return plan(failures > 1 ? MOST_WAIT : 0);
    }
    if (code === 413 || code === 422) {
      unanswered = onItsWay = null;
      return say("unfit", told.said);
    }
    // What says no reason does not come from the site but from something before it.
    if (!told.reason) return failed(sent);
    if (code === 409 || code === 401 || code === 403 || code === 404) {
      // What was sent was not taken; what stands in the form by then is sent next.
      unanswered = onItsWay = null;
      return stop(told.reason, told.said, told);
    }
    return failed(sent);
  };

  const send = async () => {
    const sent = unanswered || payload();
    onItsWay = sent.words;
    await keepHere();
    const answer = await ask(sent).catch(() => null);
    await (answer ? judge(sent, answer) : failed(sent));
  };

  // Once at a time; what is typed meanwhile goes next.
  const save = async () => {
    if (inFlight || stopped || isLeaving || (!unanswered && !isDirty())) return inFlight;
    clearTimeout(timer);
    timer = undefined;
    inFlight = send();
    await inFlight;
    inFlight = null;
    if (!stopped && !timer && !failures && isDirty() && !isUnfit()) planSoon();
  };
  const isUnfit = () => status?.querySelector(".unfit") !== null;

  const goOn = () => {
    stopped = null;
    failures = 0;
    plan(0);
  };

  // --- While somebody writes -------------------------------------------------------------------

  const changed = () => {
    keepHere();
    if (!stopped && !unanswered && !isLeaving) planSoon();
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);

  window.addEventListener("online", () => stopped || (isDirty() && plan(0)));
  window.addEventListener("offline", () => isDirty() && say(isKeptHere ? "device" : "nowhere"));
  document.addEventListener("visibilitychange", () => document.hidden && isDirty() && save());
  window.addEventListener("pagehide", () => {
    if (isLeaving || !isDirty()) return;
    keepHere();
    save();
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    isLeaving = false;
    device.setSent(null);
    // Whatever was on its way then is not known to have come.
    if (isDirty()) plan(0);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && (isDirty() || isLeft()) && !isKeptHere) event.preventDefault();
  });

  // --- A button -------------------------------------------------------------------------------

  // The form carries the newest version: what is on its way comes back first.
  const settle = async () => {
    clearTimeout(timer);
    timer = undefined;
    if (inFlight) await inFlight;
    if (unanswered || !isKeptHere || navigator.onLine === false) await save();
  };

  const leave = (event) => {
    isLeaving = true;
    clearTimeout(timer);
    timer = undefined;
    keepHere();
    device.setSent(id, event.submitter?.value === "discard_changes");
    const stay = () => {
      isLeaving = false;
      device.setSent(null);
      if (isDirty()) plan(0);
    };
    // Another script may have kept it back; or it was stopped on its way.
    setTimeout(() => event.defaultPrevented && stay());
    setTimeout(stay, 2 * PATIENCE);
  };

  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    // What no device keeps is sent before the page is left: then it stays where it was not taken.
    const isAtRisk = !isKeptHere && isDirty();
    if (isLeaving || !(inFlight || unanswered || isAtRisk || navigator.onLine === false)) return leave(event);
    event.preventDefault();
    await settle();
    // Where the site cannot be reached, a button would only lead away from the words.
    if (unanswered || stopped === "signed_out" || stopped === "somebody_else") return;
    isLeaving = true;
    form.requestSubmit(event.submitter);
  });

  window.parleySaving = {
    form,
    id,
    fields,
    isByButton: (name) => BY_BUTTON.test(name),
    isMark: (name) => MARKS.test(name),
    put,
    goOn,
    isDirty,
    isBusy: () => Boolean(inFlight || unanswered),
    setVersion: (version) => (box("version").value = version),
  };
  if (saved === null) {
    keepHere();
    plan(PAUSE);
  }
})();
