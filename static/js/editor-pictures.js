// Pictures pasted, dropped or chosen: uploaded while the author goes on, put into the text where
// they were dropped, and described at once. Whatever fails says why, and leaves the text whole.
(() => {
  "use strict";
  const { editor, make } = window.parley;
  const act = editor?.form.querySelector('.toolbar [data-act="picture"]');
  if (!act) return;
  const { form, area, words, isHtml } = editor;
  const { upload: address, describe: describing } = form.dataset;
  if (!address) return act.remove();
  const token = () => form.querySelector('[name="csrfmiddlewaretoken"]').value;
  // The buttons are in view wherever one writes.
  const bar = form.querySelector(":scope > .form-actions");

  // --- Sending ------------------------------------------------------------------------------

  const send = (file, told) =>
    new Promise((resolve) => {
      const data = new FormData();
      data.append("picture", file);
      data.append("alt_later", "1");
      const request = new XMLHttpRequest();
      request.open("POST", address);
      request.setRequestHeader("X-CSRFToken", token());
      request.responseType = "json";
      request.upload.addEventListener("progress", ({ loaded, total }) => told(loaded / total));
      request.addEventListener("load", () => resolve(request));
      request.addEventListener("error", () => resolve(request));
      request.send(data);
    });

  const reasons = ({ errors } = {}) => Object.values(errors || {}).flat().join(" ");
  const why = ({ status, response }) => reasons(response || {}) || (status === 413 ? words.large : words.lost);

  const refuse = (text) => {
    const note = make("refused");
    note.querySelector(".upload-words").textContent = text;
    note.querySelector("button").addEventListener("click", () => {
      note.remove();
      area.focus();
    });
    bar.prepend(note);
  };

  // --- In the text --------------------------------------------------------------------------

  const lineOf = (picture) => (isHtml ? picture.html : picture.markdown);

  const replace = (line, by) => {
    const at = area.value.indexOf(line);
    if (at < 0) return false;
    // With a line that goes, its paragraph goes.
    const end = at + line.length;
    editor.change(by, at, by ? end : end + (area.value.slice(end).match(/^\n{1,2}/)?.[0].length ?? 0));
    return true;
  };

  const holdPlace = (name) => {
    const said = words.uploading.replace("#", name.replace(/[[\]\\<>&"]/g, " ").slice(0, 60));
    const line = (number) => (isHtml ? `<p>${said}${number}</p>` : `![${said}${number}]()`);
    let number = 1;
    while (area.value.includes(line(number > 1 ? ` ${number}` : ""))) number += 1;
    const made = line(number > 1 ? ` ${number}` : "");
    editor.putParagraph(made);
    return made;
  };

  // Of a page that was left while it sent one.
  const leftOver = () => {
    const said = words.uploading.split("#").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[^\\n]*?");
    const found = area.value.match(new RegExp(isHtml ? `<p>${said}[ \\d]*</p>` : `!\\[${said}[ \\d]*\\]\\(\\)`));
    if (!found) return;
    replace(found[0], "");
    refuse(words.lost);
    leftOver();
  };

  const bring = async (file, held) => {
    const note = make("upload");
    note.querySelector(".upload-words").textContent = words.uploading.replace("#", file.name);
    bar.prepend(note);
    const answer = await send(file, (part) => (note.querySelector("progress").value = 100 * part));
    note.remove();
    if (answer.status !== 201) {
      replace(held, "");
      return refuse(why(answer));
    }
    const picture = answer.response;
    // Who has taken the line out meanwhile does not want the picture.
    if (replace(held, lineOf(picture))) await describe(picture);
  };

  // Readers would be shown the words that hold a picture's place.
  const PUBLISHING = /^(?:publish|schedule|submit)/;
  const onTheWay = new Set();
  const keepBack = (event) => {
    if (!PUBLISHING.test(event.submitter?.value) || ![...onTheWay].some((line) => area.value.includes(line))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    refuse(words.waiting);
  };
  form.addEventListener("submit", keepBack, true);

  // All have their places at once; one after the other is sent, since each has a question.
  let queue = Promise.resolve();
  const addAll = (files) => {
    for (const file of files) {
      const held = holdPlace(file.name);
      onTheWay.add(held);
      queue = queue.then(() => bring(file, held)).finally(() => onTheWay.delete(held));
    }
  };

  // --- The question -------------------------------------------------------------------------

  const dialog = make("describe");
  document.body.append(dialog);
  const question = dialog.querySelector("form");
  const trouble = dialog.querySelector("#describe-trouble");
  const { alt, is_decorative: decorative, caption, credit } = question.elements;

  const fill = (picture) => {
    const image = document.createElement("img");
    image.src = picture.url;
    image.alt = "";
    dialog.querySelector(".describe-picture").replaceChildren(image);
    question.reset();
    trouble.textContent = "";
    alt.readOnly = false;
    alt.removeAttribute("aria-invalid");
  };

  const isBegun = () => decorative.checked || [alt, caption, credit].some(({ value }) => value.trim());

  const answered = async (picture) => {
    if (!alt.value.trim() && !decorative.checked) return { trouble: trouble.dataset.missing };
    const data = new FormData(question);
    const headers = { "X-CSRFToken": token() };
    const answer = await fetch(describing.replace("/0/", `/${picture.id}/`), { method: "POST", body: data, headers }).catch(() => null);
    const said = await answer?.json().catch(() => null);
    return answer?.ok && said ? { picture: said } : { trouble: reasons(said || {}) || words.lost };
  };

  const describe = (picture) =>
    new Promise((resolve) => {
      const close = (by) => {
        question.onsubmit = dialog.oncancel = null;
        dialog.close();
        area.focus({ preventScroll: true });
        area.setSelectionRange(...caret);
        if (by !== undefined) replace(lineOf(picture), by);
        resolve();
      };
      const take = async () => {
        const result = await answered(picture);
        if (result.picture) return close(lineOf(result.picture));
        trouble.textContent = result.trouble;
        alt.setAttribute("aria-invalid", "true");
        alt.focus();
      };
      question.onsubmit = (event) => {
        event.preventDefault();
        if (event.submitter?.value === "leave") close("");
        else take();
      };
      // Esc: it stays, with what was said of it; if nothing was, the list of what is amiss will say
      // so before publishing.
      dialog.oncancel = (event) => {
        event.preventDefault();
        if (isBegun()) take();
        else close();
      };
      // Behind a dialog some browsers forget where it was.
      const caret = [area.selectionStart, area.selectionEnd];
      fill(picture);
      dialog.showModal();
      alt.focus();
    });

  decorative.addEventListener("change", () => {
    alt.readOnly = decorative.checked;
    if (decorative.checked) alt.dataset.said = alt.value;
    alt.value = decorative.checked ? "" : alt.dataset.said;
  });

  // --- Where they come from -----------------------------------------------------------------

  const pictures = (transfer) => [...transfer.files].filter((file) => file.type.startsWith("image/"));

  area.addEventListener("paste", (event) => {
    const found = pictures(event.clipboardData);
    const { types } = event.clipboardData;
    // Spreadsheets and word processors put a picture beside the words that are meant.
    if (!found.length || (types.includes("text/plain") && types.includes("text/html"))) return;
    event.preventDefault();
    addAll(found);
  });

  area.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  area.addEventListener("drop", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    // A file that is none of ours must not take the page's place.
    event.preventDefault();
    const found = pictures(event.dataTransfer);
    if (found.length < event.dataTransfer.files.length) refuse(words.strange);
    addAll(found);
  });

  const chooser = document.createElement("input");
  chooser.type = "file";
  chooser.accept = form.querySelector('[name="picture"]')?.accept || "image/*";
  chooser.multiple = true;
  chooser.addEventListener("change", () => {
    addAll([...chooser.files]);
    chooser.value = "";
  });
  editor.acts.picture = () => chooser.click();
  leftOver();
})();
