// When a post is opened: what this device kept of it and the site does not have is offered, never
// put in by itself; and another tab with the same post is told of.
(() => {
  "use strict";
  const saving = window.parleySaving;
  const device = window.parleyDevice;
  if (!saving) return;
  const { form, id } = saving;
  const { make } = window.parley;
  const WAIT_FOR_TABS = 300;

  // --- Other tabs of this browser --------------------------------------------------------------

  let channel = null;
  try {
    channel = new BroadcastChannel("parley-writing");
  } catch {
    // Then a tab is as far away as another device.
  }
  const tell = (kind, more = {}) => channel?.postMessage({ kind, id, post: form.dataset.post, person: form.dataset.person, ...more });
  const live = new Set();
  const beside = () => document.querySelector(".beside");

  const tellOfTab = (name) => {
    const note = make(name);
    if (!note || ["newer", name].includes(beside()?.dataset.part)) return;
    beside()?.remove();
    form.before(note);
  };

  channel?.addEventListener("message", ({ data }) => {
    if (data.kind === "who") tell("here");
    if (data.kind === "here") live.add(data.id);
    if (!form.dataset.post || data.post !== form.dataset.post || data.id === id) return;
    if (data.kind === "gone") document.querySelector('.beside[data-part="beside"]')?.remove();
    else if (data.kind === "saved") tellOfTab("newer");
    else tellOfTab("beside");
  });
  document.addEventListener("parley:saved", () => tell("saved"));
  window.addEventListener("pagehide", () => tell("gone"));

  // --- What this device kept -------------------------------------------------------------------

  const tidy = (name, values = []) => {
    const text = values.join("\n").trim();
    return name === "tags" ? text.split(",").map((tag) => tag.trim()).filter(Boolean).join(",") : text;
  };

  // A place in a series that was left alone: others may have moved it since.
  const isAsItCame = (fields, name) => tidy(name, fields[`initial-${name}`] || ["-"]) === tidy(name, fields[name]);
  // An address that was left empty is made by the site; a mark of the page is nobody's word.
  const isNothing = (fields, name) => saving.isMark(name) || !form.elements[name] || isAsItCame(fields, name) || (name === "slug" && !tidy(name, fields[name]));

  const isThere = (fields, isEnough) => {
    const given = saving.fields();
    const names = new Set([...Object.keys(fields), ...Object.keys(given)]);
    return [...names].every((name) => isNothing(fields, name) || isEnough(tidy(name, given[name]), tidy(name, fields[name]), name));
  };
  const isSame = ({ fields }) => isThere(fields, (one, other) => one === other);
  // What a page sent and had no answer to stands here, and more was typed there after it: the site
  // has it in this very version.
  const isFromHere = ({ sent }) => sent && isThere(JSON.parse(sent), (one, other, name) => one === other || saving.isByButton(name));
  // What a button has just sent and the site has stored, a picture's line added to it perhaps; or
  // put into the history, at its author's wish, and led here.
  const sent = device.sent();
  const isTaken = (copy) => {
    if (copy.id !== sent.id) return false;
    const isLed = performance.getEntriesByType("navigation")[0]?.redirectCount > 0;
    const isAnswered = isLed || form.hasAttribute("data-unsaved");
    const isEnough = (given, kept, name) => given.includes(kept) || (isAnswered && saving.isByButton(name));
    return (sent.isGivenUp && isLed) || isThere(copy.fields, isEnough);
  };

  const moment = (at) => {
    const date = new Date(at);
    const isToday = date.toDateString() === new Date().toDateString();
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    return date.toLocaleString(document.documentElement.lang, isToday ? clock : { day: "numeric", month: "short", ...clock });
  };

  // The words of the copy with the version that they were written from: should another have
  // written since, the site says so.
  const use = (copy, isFresh) => {
    saving.put(copy.fields);
    saving.setVersion(copy.post && !isFresh ? copy.version : form.elements.version.value);
    if (copy.token && form.elements.token && !form.dataset.post) form.elements.token.value = copy.token;
    saving.goOn();
    device.forget(copy.id);
  };

  const compare = (copy) => {
    const asked = document.createElement("form");
    asked.method = "post";
    asked.action = form.dataset.conflict;
    asked.hidden = true;
    const add = (name, value) => {
      const input = document.createElement("textarea");
      Object.assign(input, { name, value });
      asked.append(input);
    };
    add("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    add("version", copy.version);
    for (const [name, values] of Object.entries(copy.fields)) values.forEach((value) => add(name, value));
    document.body.append(asked);
    device.setSent(copy.id);
    asked.submit();
  };

  const offer = (copy) => {
    const note = make("offer");
    const isFresh = isFromHere(copy);
    const [useIt, compareIt, away, back, before] = note.querySelectorAll("button");
    const show = (name) => note.querySelectorAll("p").forEach((line) => (line.hidden = !line.matches(`.${name}`)));
    note.querySelector("time").textContent = moment(copy.at);
    compareIt.hidden = !copy.post || !form.dataset.conflict;
    useIt.addEventListener("click", () => {
      const stood = saving.fields();
      use(copy, isFresh);
      before.onclick = () => {
        note.remove();
        saving.put(stood);
        form.elements.body.focus();
      };
      show("is-used");
      form.elements.body.focus();
    });
    compareIt.addEventListener("click", () => compare(copy));
    away.addEventListener("click", () => {
      device.forget(copy.id);
      show("is-away");
      back.focus();
    });
    back.addEventListener("click", () => {
      device.keep(copy);
      show("is-here");
      useIt.focus();
    });
    form.before(note);
  };

  const ofThisPost = ({ id: its, post, person }) => its !== id && !live.has(its) && (post ?? "") === (form.dataset.post ?? "") && person === form.dataset.person;

  // What is gone, or another's by now, has no page of its own any more.
  const isGone = async ({ post }) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    const address = form.dataset.autosave.replace("new/autosave", `${post}/here`);
    const answer = await fetch(address, { method: "POST", body }).catch(() => null);
    return answer?.status === 404 && (await answer.json().catch(() => ({}))).reason === "gone";
  };
  const orphans = async (copies) => {
    const found = [];
    for (const copy of copies)
      if (copy.post && copy.person === form.dataset.person && (await isGone(copy))) found.push({ ...copy, post: null, token: "" });
    return found;
  };

  // The first words of a new post may have come as their page was left.
  const isMade = async ({ post, token, fields }) => {
    if (post || !token || form.dataset.post) return false;
    const body = new FormData();
    const of = { csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, person: form.dataset.person, token, version: "0", made: "1" };
    for (const [name, value] of Object.entries(of)) body.set(name, value);
    for (const [name, values] of Object.entries(fields)) values.forEach((value) => body.append(name, value));
    const answer = await fetch(form.dataset.autosave, { method: "POST", body }).catch(() => null);
    const told = answer?.ok ? await answer.json().catch(() => ({})) : {};
    return Boolean(told.edit_url);
  };

  const look = async () => {
    const post = form.dataset.post;
    tell("who");
    const copies = await device.all();
    const opened = [...copies.filter(ofThisPost), ...(post ? [] : await orphans(copies))];
    await new Promise((resolve) => setTimeout(resolve, WAIT_FOR_TABS));
    for (const copy of opened.filter(ofThisPost).filter(() => post === form.dataset.post)) {
      if (isSame(copy) || isTaken(copy) || (await isMade(copy))) await device.forget(copy.id);
      else offer(copy);
    }
    // A button of this page may have been pressed meanwhile; what it sent is the next page's.
    if (device.sent().id === sent.id) device.setSent(null);
  };

  look();
})();
