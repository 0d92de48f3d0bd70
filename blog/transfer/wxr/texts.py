"""A text as WordPress is to keep it, and back: HTML in the one block that it leaves alone. Pure.

export.py writes it, an import of such a file takes it as it is. WordPress runs what looks like a
shortcode wherever it stands, in a block and in an attribute as well, but never a reference.
"""

import re
from html import escape

# A tag of the sanitiser's, in which an address of our own has no host yet.
OWN_ADDRESS = re.compile(r'(<(?:a|img)(?:\s[\w-]+="[^"]*")*?\s(?:href|src)=")(/(?!/)[^"]*")')
BRACKET, REFERENCE = "[", "&#91;"
OPEN, CLOSE = "<!-- wp:html -->\n", "\n<!-- /wp:html -->"


def block(html: str, base_url: str) -> str:
    """Return a text as one block without shortcodes, with whole addresses."""
    html = with_whole_addresses(html, base_url).replace(BRACKET, REFERENCE)
    return f"{OPEN}{html}{CLOSE}"


def within_block(content: str) -> str | None:
    """Return the HTML that block() was given, its addresses whole; None for anything else."""
    html = content.removeprefix(OPEN).removesuffix(CLOSE)
    is_one = content == f"{OPEN}{html}{CLOSE}" and "<!--" not in html
    return html.replace(REFERENCE, BRACKET) if is_one else None


def with_whole_addresses(html: str, base_url: str) -> str:
    """Give every link and picture of this site the host that it is to be read at."""
    return OWN_ADDRESS.sub(lambda found: f"{found[1]}{base_url}{found[2]}", html)


def as_html(text: str) -> str:
    """Return plain text as WordPress keeps its lines: as HTML, where "<" is no tag."""
    return escape(text, quote=False)
