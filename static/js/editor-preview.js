// How the text will look, beside it: asked of the site at each pause in typing, so that it is what
// readers will see. On a narrow screen it takes the text's place until the button is pressed again.
(() => {
  "use strict";
  const { editor, make, kept, keep } = window.parley;
  const button = editor?.form.querySelector('.form-actions [value="preview"]');
  if (!button || !editor.form.dataset.preview) return;
  const { form, area } = editor;
  const PAUSE = 150;
  const MOST_PAUSE = 2000;
  const pane = make("look");
  const shown = pane.querySelector(".look-shown");
  const state = pane.querySelector(".look-state");
  const usual = state.textContent;
  // A long text takes the site longer; it is not asked again before it could have answered.
  let pause = PAUSE;
  let timer, asking, asked;

  const isOpen = () => button.getAttribute("aria-pressed") === "true";

  // --- Asking -------------------------------------------------------------------------------

  const sent = () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return data;
  };

  const show = (html) => {
    shown.innerHTML = html;
    // Nobody is led away from what they write.
    for (const link of shown.querySelectorAll('a[href]:not([href^="#"])')) {
      link.target = "_blank";
      link.rel = "noopener";
    }
    follow();
  };

  const ask = async () => {
    const data = sent();
    const text = new URLSearchParams(data).toString();
    if (text === asked) return;
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const begun = performance.now();
    const answer = await fetch(form.dataset.preview, { method: "POST", body: data, signal }).catch(() => null);
    if (signal.aborted) return;
    const isShown = answer && !answer.redirected && (answer.ok || answer.status === 422);
    const html = isShown ? await answer.text().catch(() => null) : null;
    if (signal.aborted) return;
    state.textContent = html === null ? pane.dataset.behind : usual;
    pane.classList.toggle("is-behind", html === null);
    if (html === null) return;
    asked = text;
    pause = Math.min(MOST_PAUSE, Math.max(PAUSE, (performance.now() - begun) / 2));
    show(html);
  };

  const later = () => {
    clearTimeout(timer);
    if (isOpen()) timer = setTimeout(ask, pause);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);

  // --- In step ------------------------------------------------------------------------------

  const follow = () => {
    if (!isOpen() || pane.scrollHeight <= pane.clientHeight) return;
    const box = area.getBoundingClientRect();
    const way = box.height - innerHeight / 2;
    const part = way > 0 ? Math.min(1, Math.max(0, -box.top / way)) : 0;
    pane.scrollTop = part * (pane.scrollHeight - pane.clientHeight);
  };
  let isFollowing = false;
  addEventListener("scroll", () => {
    if (isFollowing) return;
    isFollowing = true;
    requestAnimationFrame(() => {
      isFollowing = false;
      follow();
    });
  }, { passive: true });

  // --- Open and closed ----------------------------------------------------------------------

  const set = (open) => {
    button.setAttribute("aria-pressed", String(open));
    form.classList.toggle("is-previewing", open);
    if (!open) {
      const isInIt = pane.contains(document.activeElement);
      pane.remove();
      if (isInIt) area.focus({ preventScroll: true });
      return;
    }
    const isInText = document.activeElement === area;
    form.querySelector(".sides").append(pane);
    // Where it has taken the text's place, it has the keys as well.
    if (isInText && !area.offsetParent) pane.focus();
    ask();
  };

  button.addEventListener("click", (event) => {
    event.preventDefault();
    const open = !isOpen();
    keep("reading", "look", open ? "open" : undefined);
    set(open);
  });

  button.setAttribute("aria-pressed", "false");
  if (kept("reading").look === "open" && matchMedia("(min-width: 64rem)").matches) set(true);
})();
