"""Words of the templates that a page of the desk draws again for each of its cards.

`{% load i18n kept_words %}`: `{% translate "…" %}` of a literal is looked up once for each language
and kept; Django looks it up each time it is drawn, some eight hundred times on a page of twenty
cards, which was a seventh of the page. All else is Django's own tag.
"""

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.templatetags.i18n import TranslateNode, do_translate
from django.utils.translation import get_language

register = template.Library()


class KeptNode(template.Node):
    """A translated literal. Shape: `kept` is what it is in each language that was asked for."""

    child_nodelists: tuple[str, ...] = ()

    def __init__(self, node: TranslateNode) -> None:
        self.node = node
        self.kept: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        words = self.kept.get(language)
        if words is None:
            words = self.kept[language] = self.node.render(context)
        return words


@register.tag
def translate(parser: Parser, token: Token) -> template.Node:
    """Compile Django's tag, and keep what it says where that is the same for every context."""
    node = do_translate(parser, token)
    expression = node.filter_expression
    is_literal = expression.var.literal is not None and not expression.filters
    is_plain = is_literal and not (node.noop or node.asvar or node.message_context)
    return KeptNode(node) if is_plain else node
