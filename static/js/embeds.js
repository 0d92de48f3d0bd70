// A card becomes a frame when its reader asks for it; until then nothing is asked of anybody else.
// Without this script the card is a link.
(() => {
  "use strict";
  const { make } = window.parley;

  // From the keys of markup_embeds.py; what is named was judged there, letter by letter.
  const FRAMES = {
    youtube: (id) => `https://www.youtube-nocookie.com/embed/${id}?autoplay=1`,
    vimeo: (id) => `https://player.vimeo.com/video/${id.replace("/", "?h=")}${id.includes("/") ? "&" : "?"}dnt=1&autoplay=1`,
    spotify: (id) => `https://open.spotify.com/embed/${id}`,
    soundcloud: (id) => `https://w.soundcloud.com/player/?url=${encodeURIComponent(`https://soundcloud.com/${id}`)}`,
    codepen: (id) => `https://codepen.io/${id.replace(/\/(?:pen|full|details)\//, "/embed/")}?default-tab=result`,
    archive: (id) => `https://archive.org/embed/${id}`,
  };
  const NAMED = /^([a-z]+):([\w./-]+)$/;

  const frameOf = (card, provider, id) => {
    const frame = document.createElement("iframe");
    frame.title = card.querySelector("a").textContent;
    frame.className = `is-${provider}`;
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-presentation");
    frame.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.src = FRAMES[provider](id);
    return frame;
  };

  for (const card of document.querySelectorAll("figure.embed[data-embed]")) {
    const [, provider, id] = card.dataset.embed.match(NAMED) || [];
    const link = card.querySelector("a");
    if (!FRAMES[provider] || !link) continue;
    const offer = make("embed");
    const button = offer.querySelector("button");
    const name = card.querySelector("figcaption").textContent;
    for (const words of offer.querySelectorAll("[data-words]")) words.textContent = words.dataset.words.replace("#", name);
    button.addEventListener("click", () => {
      const frame = frameOf(card, provider, id);
      offer.remove();
      link.before(frame);
      frame.focus();
    });
    link.after(offer);
  }
})();
