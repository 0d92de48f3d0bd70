"""HTML that came from elsewhere -> the Markdown that a post here is written in. Pure.

Reads what readers see of it (markup_html.py cleans it first) and keeps every word; what Markdown
has no form for is named. tree.py reads, inline.py and blocks.py write, escaping.py lets text stay
text. The way back is markup.py's.
"""

from dataclasses import dataclass

from blog.conversion.blocks import document
from blog.conversion.losses import Loss, losses_in
from blog.conversion.tree import parse

__all__ = ["Converted", "Loss", "to_markdown", "words_of_html"]


@dataclass(frozen=True)
class Converted:
    """Shape: `lost` names each kind of thing once, in the order of Loss."""

    markdown: str
    lost: tuple[Loss, ...]


def to_markdown(html: str) -> Converted:
    """Convert clean HTML."""
    root = parse(html)
    lost = losses_in(root)
    markdown = document(root, lost)
    return Converted(markdown, tuple(loss for loss in Loss if loss in lost))


def words_of_html(html: str) -> list[str]:
    """Return the words that a reader reads."""
    return parse(html).spaced_text().split()
