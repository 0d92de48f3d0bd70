"""What Markdown has no form for, in the words that an author is told it by."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from blog.conversion.tree import Node


class Loss(TextChoices):
    STYLE = "style", _("Underlined, marked, small, raised and lowered words become plain words.")
    EMPHASIS = "emphasis", _("Emphasis or a link within a word, where Markdown knows none, goes.")
    ABBREVIATION = "abbreviation", _("Explanations that appear over abbreviations go.")
    TOOLTIP = "tooltip", _("Words that appear over a picture go.")
    HEADING = "heading", _("Headings of the fifth and sixth level become those of the fourth.")
    DEFINITIONS = "definitions", _("Lists of terms become paragraphs, the terms in bold.")
    DETAILS = "details", _("What opens at a click stands open, its title in bold.")
    SPANS = "spans", _("Table cells over several columns or rows become one cell.")
    CELLS = "cells", _("Paragraphs, lists and line breaks in table cells become one line.")
    TABLE_CAPTION = "table_caption", _("Captions of tables become paragraphs above them.")
    CAPTION = "caption", _("Emphasis and links in captions of pictures go; their words stay.")
    GALLERY = "gallery", _("Galleries become pictures one below the other.")
    REVERSED = "reversed", _("Lists that count down count up.")
    RELATION = "relation", _("Links lose what they told search engines, like “sponsored”.")
    PLACE = "place", _("Links within the text to other places than headings may lead nowhere.")
    NESTING = "nesting", _("What is nested very deep stands less deep.")


OF_ELEMENTS = {
    Loss.STYLE: ("u", "ins", "kbd", "mark", "small", "sub"),
    Loss.HEADING: ("h5", "h6"),
    Loss.DEFINITIONS: ("dl",),
    Loss.DETAILS: ("details",),
    Loss.TABLE_CAPTION: ("caption",),
}
OF_ATTRIBUTES = {
    Loss.ABBREVIATION: ("abbr", "title"),
    Loss.TOOLTIP: ("img", "title"),
    Loss.SPANS: ("td", "colspan"),
    Loss.REVERSED: ("ol", "reversed"),
    Loss.GALLERY: ("figure", "class"),
}
# What every link out is given here anyway says nothing.
SAID_ANYWAY = {"noopener", "noreferrer"}


def losses_in(root: Node) -> set[Loss]:
    """Return what can be told by looking at elements alone."""
    lost = {loss for loss, names in OF_ELEMENTS.items() if any(root.within(*names))}
    for loss, (name, attribute) in OF_ATTRIBUTES.items():
        if any(attribute in node.attributes for node in root.within(name)):
            lost.add(loss)
    cells = root.within("td", "th")
    if any({"colspan", "rowspan"} & node.attributes.keys() for node in cells):
        lost.add(Loss.SPANS)
    rels = (set(node.attributes.get("rel", "").split()) for node in root.within("a"))
    if any(rel - SAID_ANYWAY for rel in rels):
        lost.add(Loss.RELATION)
    return lost
