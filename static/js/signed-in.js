// Somebody signed in again while writing: their page is told, and this window has done its work.
(() => {
  "use strict";
  if (!document.querySelector('form[action$="/logout/"]')) return;
  try {
    const channel = new BroadcastChannel("parley-writing");
    channel.postMessage({ kind: "signed in" });
    channel.close();
  } catch {
    // That page asks again when it is looked at.
  }
  // Only a window that a script opened may be closed by one; any other says what to do.
  if (window.opener) window.close();
})();
