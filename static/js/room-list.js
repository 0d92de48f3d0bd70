// The list of posts by keys, and quick edit in its row. The focus is a row's own link, so that a
// screen reader follows; no key is taken while one types, nor with Ctrl, Alt or Meta.
(() => {
  "use strict";
  const list = document.getElementById("rows");
  if (!list) return;
  const TYPED = "input:not([type=checkbox]), textarea, select, [contenteditable]";
  const help = document.getElementById("keys");
  const many = document.querySelector("[data-many]");
  const rows = () => [...list.querySelectorAll("[data-row]")];
  const current = () => document.activeElement?.closest?.("[data-row]");
  const mainOf = (row) => row.querySelector("[data-main]") || row.querySelector("[data-key], a, input");
  let last;

  const go = (row) => {
    if (!row) return;
    mainOf(row)?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };

  // From nowhere the first; after an act, where one was.
  const step = (by) => {
    const all = rows();
    const row = current() || (last?.isConnected ? last : undefined);
    go(row ? all[all.indexOf(row) + by] : all[0]);
  };

  const find = (key) => {
    const has = `[data-key="${CSS.escape(key)}"]`;
    const own = (current() || (last?.isConnected && last))?.querySelector?.(has);
    return own || [...document.querySelectorAll(has)].find((one) => !one.closest("[data-row]"));
  };

  const press = (found) => {
    if (found === help) {
      help.open = !help.open;
      if (help.open) help.querySelector("summary").focus();
    } else if (found.matches("[type=search]")) {
      found.focus();
      found.select();
    } else found.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const quick = event.target.closest("[data-quick]");
    if (event.key === "Escape" && quick) {
      event.preventDefault();
      return quick.querySelector("[data-cancel]").click();
    }
    if (event.key === "Escape" && event.target.matches("[type=search]")) return event.target.blur();
    if (event.target.matches(TYPED)) return undefined;
    const { key } = event;
    if (key === "j" || key === "k") {
      event.preventDefault();
      return step(key === "j" ? 1 : -1);
    }
    if (event.repeat || key.length !== 1) return undefined;
    const found = find(key);
    if (!found) return undefined;
    event.preventDefault();
    return press(found);
  });

  list.addEventListener("focusin", (event) => {
    last = event.target.closest("[data-row]") || last;
  });

  // --- Quick edit comes and goes in its row -------------------------------------------------

  document.addEventListener("htmx:afterSettle", (event) => {
    const row = event.detail.elt?.closest?.("[data-row]") || document.getElementById(event.detail.elt?.id);
    if (!row?.matches("[data-row]")) return;
    last = row;
    const fault = row.querySelector("[role=alert], .is-invalid");
    if (fault?.matches("[role=alert]")) {
      fault.tabIndex = -1;
      fault.focus();
    } else if (fault) fault.focus();
    else if (row.matches(".is-open")) row.querySelector("[name=title]")?.focus();
    else mainOf(row)?.focus();
    count();
  });

  // --- Ticks ---------------------------------------------------------------------------------

  const count = () => {
    if (!many) return;
    const number = list.querySelectorAll("[name=chosen]:checked").length;
    const told = many.querySelector("[data-ticked]");
    told.textContent = number;
    told.hidden = !number;
    many.classList.toggle("has-ticks", number > 0 || many.querySelector("[data-everything]").checked);
  };
  list.addEventListener("change", count);
  many?.addEventListener("change", count);
  count();
  if (help) help.hidden = false;
})();
