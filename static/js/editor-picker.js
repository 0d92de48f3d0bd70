// The library of pictures within the page of a post: the same list as on its own page, in a dialog,
// from which a picture's line is put where the text is being written. Without this its page opens.
(() => {
  "use strict";
  const { editor, make } = window.parley;
  const link = editor?.form.querySelector("[data-picker]");
  if (!link) return;
  const { area, acts, putParagraph } = editor;
  const dialog = make("picker");
  document.body.append(dialog);
  const shown = dialog.querySelector(".picker-shown");
  const trouble = dialog.querySelector(".invalid-feedback");
  let asked = 0;

  const part = async (address) => {
    const url = new URL(address, location.href);
    url.searchParams.set("part", "1");
    const answer = await fetch(url).catch(() => null);
    const text = answer?.ok ? await answer.text().catch(() => "") : "";
    const found = new DOMParser().parseFromString(text, "text/html").querySelector(".picture-picker");
    // Of somebody who was signed out meanwhile, another page is answered.
    return found && document.adoptNode(found);
  };

  const look = async (address, focused) => {
    const mine = ++asked;
    shown.setAttribute("aria-busy", "true");
    const found = await part(address);
    if (mine !== asked) return;
    shown.removeAttribute("aria-busy");
    trouble.textContent = found ? "" : trouble.dataset.lost;
    if (!found) return;
    shown.replaceChildren(found);
    if (dialog.open) (shown.querySelector(focused) || shown.querySelector("[type=search]")).focus();
  };

  const open = () => {
    dialog.showModal();
    look(link.href, "[type=search]");
  };

  // What is selected stays: a picture takes no words away.
  const choose = ({ dataset }) => {
    const at = area.selectionEnd;
    dialog.close();
    area.setSelectionRange(at, at);
    putParagraph(dataset.line);
  };

  shown.addEventListener("submit", (event) => {
    event.preventDefault();
    const { target } = event;
    look(`${target.action}?${new URLSearchParams(new FormData(target))}`, "[data-choose]");
  });
  shown.addEventListener("click", (event) => {
    const to = event.target.closest("a[href]");
    const button = event.target.closest("[data-choose]");
    if (button) choose(button.closest("li"));
    if (!to) return;
    event.preventDefault();
    look(to.href, "[data-choose]");
  });

  link.querySelector("span").remove();
  link.setAttribute("aria-haspopup", "dialog");
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  acts.library = open;
})();
