// Answering words and people: what is selected becomes a quotation that links to its source, and
// an @ offers the names of who takes part. Fetched when it is first wanted (writing.js).
(() => {
  "use strict";
  const parley = window.parley;
  const { make } = parley;
  const SOURCES = ".post-body, .author-note .words, .comment > article > .words";

  // --- Selected words as Markdown ----------------------------------------------------------

  const BLOCKS = /^(P|DIV|H[1-6]|LI|UL|OL|PRE|BLOCKQUOTE|FIGURE|TABLE|TR|DL|DT|DD)$/;
  const MARKS = { EM: "*", I: "*", STRONG: "**", B: "**", CODE: "`" };
  const escaped = (text) => text.replace(/\s+/g, " ").replace(/[\\`*[\]<]|(?<!\w)_|_(?!\w)/g, "\\$&");

  const marked = (node) => {
    // Between the items of a list there is nothing to say.
    if (node.nodeType === Node.TEXT_NODE) return escaped(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) return "";
    const { tagName = "" } = node;
    if (tagName === "BR") return "\n";
    if (tagName === "PRE") return `\n\n\`\`\`\n${node.textContent.trimEnd()}\n\`\`\`\n\n`;
    if (tagName === "CODE") return `\`${node.textContent}\``;
    const inner = [...(/^[OU]L$/.test(tagName) ? node.children : node.childNodes)].map(marked).join("");
    const mark = MARKS[tagName];
    if (mark && inner.trim()) return inner.replace(/^(\s*)([^]*?)(\s*)$/, `$1${mark}$2${mark}$3`);
    if (tagName === "LI") return `${node.parentNode.tagName === "OL" ? "1." : "-"} ${inner.trim().replace(/\n+/g, "\n  ")}\n`;
    if (tagName === "BLOCKQUOTE") return `\n\n${inner.trim().replace(/^/gm, "> ")}\n\n`;
    return BLOCKS.test(tagName) ? `\n\n${inner.trim()}\n\n` : inner;
  };

  const quotationOf = (source, content) => {
    const text = marked(content).replace(/[ \t]+\n/g, "\n").replace(/\n (?=\S)/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
    if (!text) return null;
    const item = source.closest(".comment");
    const head = (item || document).querySelector(item ? ":scope > article .name bdi" : "h1");
    const link = (item || document).querySelector(item ? ":scope > article .when" : 'link[rel="canonical"]');
    const href = link ? link.href : location.href.split("#")[0];
    return { item, text: `[${escaped(head.textContent.trim())}](${href}):\n${text.replace(/^/gm, "> ").replace(/ +$/gm, "")}\n\n` };
  };

  const sourceOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(SOURCES);

  const selected = () => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0).cloneRange();
    const source = sourceOf(range.startContainer);
    if (!source) return null;
    // A triple click reaches into what comes next.
    if (!source.contains(range.endContainer)) range.setEnd(source, source.childNodes.length);
    return { source, range, quotation: quotationOf(source, range.cloneContents()) };
  };

  // --- Into the box ------------------------------------------------------------------------

  const insert = async (item, text, isAsked) => {
    const area = await parley.openBox(item, isAsked);
    if (!area) return;
    const before = area.value.trimEnd();
    area.value = before ? `${before}\n\n${text}` : text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus({ preventScroll: true });
    area.setSelectionRange(area.value.length, area.value.length);
    area.scrollIntoView({ block: "nearest" });
    getSelection().empty?.();
  };

  // What was selected; or else all of the comment that is the current one.
  parley.quote = (item) => {
    const quotation = selected()?.quotation;
    const source = item?.querySelector(":scope > article > .words");
    const found = quotation || (source && quotationOf(source, source));
    if (found) insert(found.item, found.text);
  };

  const canAnswer = (item) => (item ? item.querySelector(":scope > article .reply") : document.querySelector("#respond textarea"));

  let held = null;
  const hold = ({ target }) => {
    if (target.closest?.(".reply")) held = selected()?.quotation;
  };
  document.addEventListener("pointerdown", hold, true);
  document.addEventListener("keydown", hold, true);
  document.addEventListener("click", ({ target }) => {
    const link = target.closest(".reply");
    const quotation = link && (held || selected()?.quotation);
    held = null;
    if (quotation && window.htmx) insert(link.closest(".comment"), quotation.text, true);
  });

  // --- The button beside the selection -----------------------------------------------------

  const button = make("quote");
  button?.addEventListener("pointerdown", (event) => event.preventDefault());
  button?.addEventListener("click", () => {
    parley.quote();
    button.remove();
  });

  let timer;
  let isMet = false;
  const offer = () => {
    if (!button || document.activeElement === button) return;
    isMet = false;
    const found = selected();
    if (!found?.quotation || !canAnswer(found.quotation.item)) return button.remove();
    found.source.after(button);
    const words = [...found.range.getClientRects()].at(-1);
    const origin = button.offsetParent.getBoundingClientRect();
    const most = document.documentElement.clientWidth - button.offsetWidth - 8;
    button.style.left = `${Math.max(8, Math.min(words.right, most)) - origin.left}px`;
    button.style.top = `${words.bottom - origin.top + 6}px`;
  };
  // Tab leads from selected words to it, once; from there on it goes its usual way.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || event.shiftKey || isMet || !button?.isConnected) return;
    event.preventDefault();
    isMet = true;
    button.focus();
  });
  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, 200);
  });

  offer();

  // --- Mentions ----------------------------------------------------------------------------

  const list = make("names");
  let box = null;
  const before = (area) => area.value.slice(0, area.selectionStart).match(/(?<![\p{L}\p{N}_@])@([\p{L}\p{N}][\p{L}\p{N}._' -]{0,30})$/u);

  const close = () => {
    list?.remove();
    for (const state of ["controls", "activedescendant"]) box?.removeAttribute(`aria-${state}`);
    box = null;
  };

  const choose = (option) => {
    for (const each of list.children) each.setAttribute("aria-selected", String(each === option));
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  };

  const pick = (option) => {
    const area = box;
    const start = area.selectionStart - before(area)[0].length;
    area.setRangeText(`@${option.textContent} `, start, area.selectionStart, "end");
    close();
    area.dispatchEvent(new Event("input", { bubbles: true }));
    close();
    area.focus();
  };

  const namesFor = (typed) => {
    // Who said something first, then whose page it is.
    const people = [".comment .meta .name bdi, .quoted .name bdi", ".byline [rel=author] bdi"];
    const names = people.flatMap((each) => [...document.querySelectorAll(each)]).map((each) => each.textContent.trim());
    const sought = typed.toLocaleLowerCase();
    const fits = (name) => ` ${name.toLocaleLowerCase()}`.includes(` ${sought}`) && name.toLocaleLowerCase() !== sought;
    return [...new Set(names)].filter(fits).slice(0, 6);
  };

  const suggest = (target) => {
    if (!list || !target.matches('.reply-form textarea[name="body"]')) return;
    const typed = before(target)?.[1];
    const names = typed ? namesFor(typed) : [];
    if (!names.length) return close();
    box = target;
    list.replaceChildren(
      ...names.map((name, index) => {
        const option = document.createElement("li");
        Object.assign(option, { id: `name-${index}`, role: "option", dir: "auto", textContent: name });
        return option;
      }),
    );
    target.setAttribute("aria-autocomplete", "list");
    target.setAttribute("aria-haspopup", "listbox");
    target.setAttribute("aria-controls", list.id);
    target.after(list);
    list.style.top = `${target.offsetTop + target.offsetHeight}px`;
    choose(list.firstChild);
  };
  document.addEventListener("input", ({ target, isComposing }) => isComposing || suggest(target));
  suggest(document.activeElement);

  document.addEventListener(
    "keydown",
    (event) => {
      if (!box || event.target !== box || event.ctrlKey || event.metaKey) return;
      const chosen = list.querySelector('[aria-selected="true"]');
      if (event.key === "ArrowDown") choose(chosen.nextSibling || list.firstChild);
      else if (event.key === "ArrowUp") choose(chosen.previousSibling || list.lastChild);
      else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) pick(chosen);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  list?.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = event.target.closest("li");
    if (option) pick(option);
  });
  document.addEventListener("focusout", ({ target }) => target === box && close());
})();
