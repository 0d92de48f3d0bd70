// What this device keeps of posts until the site has it: a copy for each page that was written in.
// localStorage has it at once, even while a page is being left; what is too large for that goes into
// IndexedDB. Nothing here asks the site anything.
(() => {
  "use strict";
  const PREFIX = "parley.copy.";
  const SENT = "parley.sent";

  // --- Two places ------------------------------------------------------------------------------

  let opened;
  const database = () =>
    (opened ||= new Promise((resolve, reject) => {
      const asked = indexedDB.open("parley", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("copies", { keyPath: "id" });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    }));

  const inDatabase = async (mode, act) => {
    const transaction = (await database()).transaction("copies", mode);
    const asked = act(transaction.objectStore("copies"));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  };

  const inStorage = (copy) => {
    try {
      localStorage.setItem(PREFIX + copy.id, JSON.stringify(copy));
      return true;
    } catch {
      return false;
    }
  };

  const outOfStorage = (id) => {
    try {
      localStorage.removeItem(PREFIX + id);
    } catch {
      // Where nothing can be kept, nothing was.
    }
  };

  // --- Keep, find, forget ------------------------------------------------------------------------

  // Whether it is kept now. The copy before it goes when this one is there, and not sooner.
  const keep = async (copy) => {
    if (inStorage(copy)) return true;
    try {
      await inDatabase("readwrite", (store) => store.put(copy));
      outOfStorage(copy.id);
      return true;
    } catch {
      return false;
    }
  };

  const forget = async (id) => {
    outOfStorage(id);
    await inDatabase("readwrite", (store) => store.delete(id)).catch(() => {});
  };

  const read = (key) => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  };

  const keysHere = () => {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    } catch {
      return [];
    }
  };

  // All copies, the newest first; of one that is in both places the newer, by its page's own count:
  // a clock may have been put back meanwhile.
  const all = async () => {
    const large = await inDatabase("readonly", (store) => store.getAll()).catch(() => []);
    const found = new Map();
    for (const copy of [...large, ...keysHere().map(read)])
      if (copy?.id && (found.get(copy.id)?.turn ?? -1) < (copy.turn ?? 0)) found.set(copy.id, copy);
    return [...found.values()].sort((one, other) => other.at - one.at);
  };

  // --- Of this tab: which copy's words were sent with a button last -------------------------------

  const setSent = (id, isGivenUp = false) => {
    try {
      if (id) sessionStorage.setItem(SENT, JSON.stringify({ id, isGivenUp }));
      else sessionStorage.removeItem(SENT);
    } catch {
      // Then the copy is compared with what the site has, like any other.
    }
  };

  const sent = () => {
    try {
      return JSON.parse(sessionStorage.getItem(SENT)) || {};
    } catch {
      return {};
    }
  };

  window.parleyDevice = { keep, forget, all, setSent, sent };

  // The page of a conflict has put what was sent into the history: the site has it.
  if (document.querySelector("[data-set-aside]") && sent().id) {
    forget(sent().id);
    setSent(null);
  }
})();
