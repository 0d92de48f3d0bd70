// The text under the author's hands: what the toolbar and the keys change in it, each change as if
// it had been typed, so that the browser can take it back.
(() => {
  "use strict";
  const form = document.getElementById("post-form");
  const area = form?.querySelector('textarea[name="body"]');
  if (!area) return;
  const words = document.getElementById("editor-parts").dataset;
  const isHtml = form.dataset.markup === "html";

  // --- Putting words into the text ----------------------------------------------------------

  const put = (text, from = area.selectionStart, to = area.selectionEnd) => {
    area.focus({ preventScroll: true });
    area.setSelectionRange(from, to);
    if (!text && from === to) return;
    if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };

  const select = (from, length) => area.setSelectionRange(from, from + length);

  // Words put in are not scrolled to, as typed ones are, unless the box is come to anew.
  const reveal = () => {
    area.blur();
    area.focus();
  };

  // Changes a place that the author is not at: the caret stays with the words it is in.
  const change = (text, from, to) => {
    const moved = (at) => (at <= from ? at : at >= to ? at + text.length - (to - from) : from + text.length);
    const [start, end] = [area.selectionStart, area.selectionEnd].map(moved);
    if (document.activeElement === area) put(text, from, to);
    else {
      area.setRangeText(text, from, to, "preserve");
      area.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
    area.setSelectionRange(start, end);
  };

  // What stands alone in its paragraph, below the words that are selected unless it is made of them;
  // `marked` of it is selected then.
  const putParagraph = (text, marked = "", from = area.selectionEnd) => {
    const { value, selectionEnd: to } = area;
    const before = value.slice(0, from);
    const gap = !before.trim() ? "" : before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const rest = value.slice(to);
    const below = rest.startsWith("\n\n") ? "" : rest.startsWith("\n") ? "\n" : "\n\n";
    put(`${gap}${text}${below}`, from, to);
    const at = from + gap.length;
    if (marked) select(at + text.indexOf(marked), marked.length);
    reveal();
    return at;
  };

  // --- Marks around words -------------------------------------------------------------------

  const chosen = () => area.value.slice(area.selectionStart, area.selectionEnd);

  // Two stars around a word are not one star around it.
  const stands = (value, from, to, before, after) =>
    value.slice(from - before.length, from) === before &&
    value.slice(to, to + after.length) === after &&
    (before !== "*" || value[from - 2] !== "*" || value.slice(from - 3, from) === "***");

  const wrap = (before, after, usual) => {
    const { value, selectionStart: from, selectionEnd: to } = area;
    if (stands(value, from, to, before, after)) {
      const inner = chosen();
      put(inner, from - before.length, to + after.length);
      return select(from - before.length, inner.length);
    }
    const picked = chosen();
    // A mark beside a space is none: it goes around the words.
    const inner = picked.trim() || usual;
    const lead = picked.trim() ? picked.match(/^\s*/)[0] : "";
    const tail = picked.trim() ? picked.match(/\s*$/)[0] : "";
    put(`${lead}${before}${inner}${after}${tail}`);
    select(from + lead.length + before.length, inner.length);
  };

  const ADDRESS = /^(?:https?:\/\/|mailto:)\S+$/i;
  const isAddress = (text) => ADDRESS.test(text.trim());

  // Within an address, brackets and spaces would end it.
  const asTarget = (address) => (/[()<>\s]/.test(address) ? `<${address.replace(/[<>]/g, encodeURIComponent)}>` : address);
  const asWords = (text) => text.replace(/[[\]\\]/g, "\\$&");

  const linked = (text, address) => (isHtml ? `<a href="${address.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}">${text}</a>` : `[${asWords(text)}](${asTarget(address)})`);

  const link = () => {
    const picked = chosen().trim();
    const from = area.selectionStart;
    const [text, address] = isAddress(picked) ? [words.link, picked] : [picked || words.link, "https://"];
    const made = linked(text, address);
    put(made);
    const marked = picked && !isAddress(picked) ? address : isHtml ? text : asWords(text);
    select(from + made.indexOf(marked), marked.length);
  };

  // --- Marks before lines -------------------------------------------------------------------

  const lines = (turned) => {
    const { value, selectionStart, selectionEnd } = area;
    const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const last = value.indexOf("\n", Math.max(selectionStart, selectionEnd - (value[selectionEnd - 1] === "\n" ? 1 : 0)));
    const to = last < 0 ? value.length : last;
    const text = turned(value.slice(from, to).split("\n")).join("\n");
    const isCaret = selectionStart === selectionEnd;
    put(text, from, to);
    if (!isCaret) select(from, text.length);
  };

  const LISTED = /^(\s*)(?:[-*+]|\d{1,9}[.)]) /;
  const toggled = (found, marked) => (all) =>
    all.every((line) => !line || found.test(line)) && all.some(Boolean)
      ? all.map((line) => line.replace(found, "$1"))
      : all.map((line, at) => (line || all.length === 1 ? marked(line, at) : line));

  const LEVELS = ["", "## ", "### ", "#### "];
  const heading = () =>
    lines((all) => {
      const level = all[0].match(/^#{1,6} /)?.[0].trim().length ?? 1;
      const next = LEVELS[level >= 4 ? 0 : Math.max(level, 1)];
      return all.map((line) => (line || all.length === 1 ? next + line.replace(/^#{1,6} /, "") : line));
    });
  const list = () => lines(toggled(/^(\s*)[-*+] /, (line) => line.replace(LISTED, "$1").replace(/^\s*/, "$&- ")));
  const numbered = () => lines(toggled(/^(\s*)\d{1,9}[.)] /, (line, at) => line.replace(LISTED, "$1").replace(/^\s*/, `$&${at + 1}. `)));
  const quote = () => lines(toggled(/^()> ?/, (line) => `> ${line}`));

  const block = () => {
    const text = chosen() || words.code;
    const TICK = "\u0060";
    const runs = [...text.matchAll(/\u0060+/g)].map(([run]) => run.length + 1);
    const fence = TICK.repeat(Math.max(3, ...runs));
    putParagraph(`${fence}\n${text.replace(/\n$/, "")}\n${fence}`, text.replace(/\n$/, ""), area.selectionStart);
  };

  const table = () => {
    const [head] = words.table.split("|").map((cell) => cell.trim()).filter(Boolean);
    putParagraph(`${words.table}\n| --- | --- |\n|  |  |`, head);
  };

  const footnote = () => {
    const numbers = [...area.value.matchAll(/\[\^(\d{1,6})\]/g)].map((found) => Number(found[1]));
    const mark = `[^${Math.max(0, ...numbers) + 1}]`;
    put(mark, area.selectionEnd, area.selectionEnd);
    const gap = /\n\[\^[^\]]+\]: [^\n]*\n*$/.test(area.value) ? "\n" : "\n\n";
    const end = area.value.trimEnd().length;
    // What is written right below a note is part of it.
    const below = "\n\n";
    put(`${gap}${mark}: ${words.note}${below}`, end, area.value.length);
    select(area.value.length - below.length - words.note.length, words.note.length);
    reveal();
  };

  const embed = () => {
    const isChosen = isAddress(chosen());
    const address = isChosen ? chosen().trim() : "https://";
    putParagraph(`[${words.embed}](${address})`, isChosen ? words.embed : address, isChosen ? area.selectionStart : undefined);
  };

  // --- A text in HTML -----------------------------------------------------------------------

  const tagged = (tag, usual) => () => wrap(`<${tag}>`, `</${tag}>`, usual);
  const items = (tag) => () =>
    lines((all) => [`<${tag}>`, ...all.map((line) => `<li>${line}</li>`), `</${tag}>`]);

  const IN_MARKDOWN = {
    bold: () => wrap("**", "**", words.bold),
    italic: () => wrap("*", "*", words.italic),
    code: () => (chosen().includes("`") ? wrap("`` ", " ``", words.code) : wrap("`", "`", words.code)),
    ...{ link, heading, quote, list, numbered, block, table, footnote, embed },
  };
  const IN_HTML = {
    bold: tagged("strong", words.bold),
    italic: tagged("em", words.italic),
    code: tagged("code", words.code),
    heading: tagged("h2", words.bold),
    quote: tagged("blockquote", words.italic),
    block: tagged("pre", words.code),
    list: items("ul"),
    numbered: items("ol"),
    link,
  };

  // --- While typing -------------------------------------------------------------------------

  const isInCode = (before) => (before.match(/^ {0,3}(?:\u0060{3}|~~~)/gm)?.length ?? 0) % 2 === 1;

  // Enter goes on with a list or a quotation; in an empty item it ends it.
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const { value, selectionStart: at, selectionEnd } = area;
    if (isHtml || at !== selectionEnd) return;
    const from = value.lastIndexOf("\n", at - 1) + 1;
    const found = value.slice(from, at).match(/^(\s*(?:> ?)*)(?:([-*+])|(\d{1,9})([.)]))?( +)?(.*)$/);
    const [mark, quoted, bullet, number, dot, space, said] = found;
    const isItem = (bullet || number) && space;
    if ((!isItem && !quoted.includes(">")) || isInCode(value.slice(0, from))) return;
    event.preventDefault();
    if (!said && (isItem || mark.trim())) return put("", from, at);
    const next = isItem ? `${bullet ?? Number(number) + 1 + dot}${space}` : "";
    put(`\n${quoted}${next}`);
  });

  // A link pasted onto words makes them a link.
  area.addEventListener("paste", (event) => {
    const address = event.clipboardData.getData("text/plain").trim();
    const picked = chosen();
    if (!picked.trim() || picked.includes("\n\n") || isAddress(picked) || !isAddress(address)) return;
    event.preventDefault();
    put(linked(picked, address));
  });

  window.parley.editor = { form, area, words, isHtml, put, change, putParagraph, acts: isHtml ? IN_HTML : IN_MARKDOWN };
})();
