// While two texts are made one: what is typed is kept on this device, and offered in the post's form
// should the page be left without a button.
(() => {
  "use strict";
  const form = document.querySelector("form[data-merge]");
  const device = window.parleyDevice;
  if (!form || !device) return;
  const NOT_WORDS = new Set(["csrfmiddlewaretoken", "version", "kept", "person", "action"]);
  const id = [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join("");
  let isLost = false;
  let turn = 0;

  const copy = () => {
    const fields = {};
    for (const [name, value] of new FormData(form)) if (!NOT_WORDS.has(name)) (fields[name] ||= []).push(value.replace(/\r\n?/g, "\n"));
    const { merge: post, person } = form.dataset;
    turn += 1;
    return { id, post, person, token: "", version: form.elements.version.value, fields, at: Date.now(), turn };
  };

  form.addEventListener("input", async () => {
    isLost = true;
    isLost = !(await device.keep(copy()));
  });
  // Whoever takes one of the two as it is gives this one up.
  form.addEventListener("submit", ({ submitter }) => {
    isLost = false;
    device.setSent(id, submitter?.value !== "merge");
  });
  window.addEventListener("beforeunload", (event) => isLost && event.preventDefault());
})();
