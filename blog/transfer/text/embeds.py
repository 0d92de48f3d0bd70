"""Addresses of things played elsewhere -> the page a person can open, and the link to it."""

import re
from html import escape

from blog.transfer.text.tree import Node

ADDRESS = re.compile(r"""https?://[a-zA-Z0-9\[][^\s<>"'\\^`{|}]*+""", re.IGNORECASE)
LONGEST_ADDRESS = 2_000

# What stands in a player's address -> the page that a person would have opened.
PAGES = (
    (r"(?:www\.)?youtube(?:-nocookie)?\.com/embed/videoseries\?(?:.*&)?list=([\w-]+)", "list"),
    (r"(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed|v)/([\w-]+)", "youtube"),
    (r"player\.vimeo\.com/video/(\d+)", "vimeo"),
    (r"(?:www\.)?vimeo\.com/moogaloop\.swf\?(?:.*&)?clip_id=(\d+)", "vimeo"),
    (r"(?:www\.)?dailymotion\.com/(?:embed|swf)/(?:video/)?(\w+)", "dailymotion"),
)
PLAYERS = tuple(
    (re.compile(rf"https?://{pattern}", re.IGNORECASE), name) for pattern, name in PAGES
)
# The page of a thing that its site knows by a number or a code.
SITES = {
    "list": "https://www.youtube.com/playlist?list={}",
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "dailymotion": "https://www.dailymotion.com/video/{}",
    "wpvideo": "https://videopress.com/v/{}",
    "videopress": "https://videopress.com/v/{}",
    "scribd": "https://www.scribd.com/document/{}",
    "polldaddy": "https://poll.fm/{}",
    "crowdsignal": "https://poll.fm/{}",
    "ted": "https://www.ted.com/talks/{}",
    "tweet": "https://twitter.com/i/web/status/{}",
    "gist": "https://gist.github.com/{}",
    "wistia": "https://fast.wistia.net/embed/iframe/{}",
}
CODE = re.compile(r"[\w-]{1,60}", re.ASCII)


def web_address(value: object) -> str:
    """Return an http or https address as it can be followed, or nothing."""
    address = value.strip() if isinstance(value, str) else ""
    if address.startswith("//"):
        address = f"https:{address}"
    whole = ADDRESS.fullmatch(address)
    return watch_page(address) if whole and len(address) <= LONGEST_ADDRESS else ""


def watch_page(address: str) -> str:
    """Return the page of a video whose player's address this is, else the address."""
    for player, site in PLAYERS:
        if match := player.match(address):
            return SITES[site].format(match[1])
    return address


def page_of(site: str, code: str) -> str:
    """Return the page of what a site knows by a code, or nothing."""
    return SITES[site].format(code) if site in SITES and CODE.fullmatch(code) else ""


def link(address: str, text: str = "") -> Node:
    """Return a link that shows its address, or text."""
    return Node("a", {"href": address}, [escape(text or address, quote=False)])


def link_paragraph(address: str) -> Node:
    """Return a paragraph that is nothing but a link."""
    return Node("p", {}, [link(address)])
