"""A link to a film or a sound that stands alone in its paragraph -> a card that loads nothing.

Who provides what stands here once: whose addresses are known, what of them is kept, and which host
a frame would be from. An address is never passed on: it is taken apart, and another is made of the
part that names what is shown. static/js/embeds.js makes the frame when a reader asks for it.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from markdown_it.rules_core import StateCore
from markdown_it.token import Token


@dataclass(frozen=True)
class Provider:
    """Shape: `paths` name what is shown as `id`; `page` is where the card's link leads."""

    name: str
    hosts: frozenset[str]
    paths: re.Pattern[str]
    page: str
    frame: str


def _provider(name: str, hosts: str, paths: str, page: str, frame: str) -> Provider:
    return Provider(name, frozenset(hosts.split()), re.compile(paths, re.ASCII), page, frame)


# key -> provider. The frames' addresses are made in embeds.js, from the same keys.
PROVIDERS = {
    "youtube": _provider(
        "YouTube",
        "youtube.com www.youtube.com m.youtube.com music.youtube.com youtu.be "
        "youtube-nocookie.com www.youtube-nocookie.com",
        r"/(?:watch|shorts|live|embed|v)/(?!videoseries)(?P<id>[\w-]{11})/?",
        "https://www.youtube.com/watch?v={}",
        "https://www.youtube-nocookie.com",
    ),
    "vimeo": _provider(
        "Vimeo",
        "vimeo.com www.vimeo.com player.vimeo.com",
        r"/(?:video/)?(?P<id>[0-9]{1,12}(?:/[0-9a-f]{6,20})?)/?",
        "https://vimeo.com/{}",
        "https://player.vimeo.com",
    ),
    "spotify": _provider(
        "Spotify",
        "open.spotify.com",
        r"/(?:intl-[a-z]{2}/)?(?:embed/)?"
        r"(?P<id>(?:track|album|playlist|episode|show|artist)/[A-Za-z0-9]{22})/?",
        "https://open.spotify.com/{}",
        "https://open.spotify.com",
    ),
    "soundcloud": _provider(
        "SoundCloud",
        "soundcloud.com www.soundcloud.com m.soundcloud.com",
        r"/(?P<id>[a-z0-9][\w-]{0,80}/(?:sets/)?[a-z0-9][\w-]{0,150})/?",
        "https://soundcloud.com/{}",
        "https://w.soundcloud.com",
    ),
    "codepen": _provider(
        "CodePen",
        "codepen.io www.codepen.io",
        r"/(?P<id>[A-Za-z0-9][\w-]{0,60}/(?:pen|full|details)/[A-Za-z0-9]{4,40})/?",
        "https://codepen.io/{}",
        "https://codepen.io",
    ),
    "archive": _provider(
        "Internet Archive",
        "archive.org www.archive.org",
        r"/(?:details|embed)/(?P<id>[A-Za-z0-9][\w.-]{0,100})/?",
        "https://archive.org/details/{}",
        "https://archive.org",
    ),
}

# The whole value of the attribute that names what a card shows.
CARD = re.compile(f"(?:{'|'.join(PROVIDERS)}):[A-Za-z0-9_-][\\w./-]{{0,250}}", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s<>\"\\]{1,500}", re.IGNORECASE)
_SHOWN = re.compile(rb'<figure [^<>]*data-embed="([a-z]+):')


@dataclass(frozen=True)
class Card:
    key: str
    provider: Provider
    id: str

    @property
    def page(self) -> str:
        return self.provider.page.format(self.id)


def card_of(address: str) -> Card | None:
    """Return the card that an address becomes; None for one that nobody here knows."""
    if not _ADDRESS.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
        # A name, a password or a port are no part of an address that a provider gives.
        host = parts.netloc.lower()
    except ValueError:
        return None
    path = _path_of(host, parts.path, parts.query)
    for key, provider in PROVIDERS.items():
        if host in provider.hosts and (found := provider.paths.fullmatch(path)):
            return Card(key, provider, found["id"])
    return None


def _path_of(host: str, path: str, query: str) -> str:
    """Return the path, in which one provider's addresses come to name what is shown as well."""
    if host == "youtu.be":
        return f"/v{path}"
    if path.rstrip("/") == "/watch":
        return f"/v/{parse_qs(query).get('v', [''])[0]}"
    return path


def frame_hosts(content: bytes) -> list[str]:
    """Return the hosts whose frames the cards on a page can become."""
    keys = {key.decode() for key in _SHOWN.findall(content)}
    return sorted(PROVIDERS[key].frame for key in keys & PROVIDERS.keys())


# --- in Markdown --------------------------------------------------------------------------------


def cards(state: StateCore) -> None:
    """Turn a paragraph that is nothing but one such link into a card."""
    for at, token in enumerate(state.tokens):
        opening = state.tokens[at - 1]
        if token.type != "inline" or opening.type != "paragraph_open" or opening.level:
            continue
        address, title = _only_link(token)
        if card := card_of(address):
            opening.tag = state.tokens[at + 1].tag = "figure"
            opening.attrs = {"class": "embed", "data-embed": f"{card.key}:{card.id}"}
            token.children = [*_link_to(card, title), *_caption(card)]


def _only_link(inline: Token) -> tuple[str, list[Token]]:
    """Return the address of the one link, or bare address, that a paragraph is; and its words."""
    children = inline.children or []
    kinds = [child.type for child in children]
    if kinds and kinds[0] == "link_open" and kinds.index("link_close") == len(kinds) - 1:
        is_plain = not {"image", "footnote_ref"} & {*kinds}
        return str(children[0].attrs["href"]) if is_plain else "", children[1:-1]
    return inline.content.strip(), []


def _link_to(card: Card, title: list[Token]) -> list[Token]:
    words = title or [Token("text", "", 0, content=card.page)]
    link = Token("link_open", "a", 1, attrs={"href": card.page})
    return [link, *words, Token("link_close", "a", -1)]


def _caption(card: Card) -> list[Token]:
    return [
        Token("figcaption_open", "figcaption", 1),
        Token("text", "", 0, content=card.provider.name),
        Token("figcaption_close", "figcaption", -1),
    ]
