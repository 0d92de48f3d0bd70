"""A stored text -> its tree: each token goes where it belongs and becomes what it shall be.

Two readers: a post has shortcodes and blocks, a comment has bare addresses that become links.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from html import escape

from blog.transfer.text import blocks
from blog.transfer.text.anchors import marked, resolve
from blog.transfer.text.autop import MARK
from blog.transfer.text.elements import convert_element
from blog.transfer.text.embeds import ADDRESS, LONGEST_ADDRESS, link
from blog.transfer.text.notes import Notes
from blog.transfer.text.shortcodes import (
    CAPTIONS,
    ENCLOSING,
    VOCABULARY,
    Surroundings,
    arguments_of,
    caption_figure,
    shortcode,
)
from blog.transfer.text.tokens import (
    Comment,
    End,
    Shortcode,
    ShortcodeEnd,
    Start,
    StrayShortcode,
    Text,
    Token,
    clean,
    decoded,
    text_html,
    tokens,
)
from blog.transfer.text.tree import Builder, Child, Node

# Where an address in running text ends at the latest.
ADDRESS_END = re.compile(r"&(?:lt|gt|quot|nbsp|apos|#0*(?:39|34|60|62|160|822[01]));|[“”«»]")
PUNCTUATION = ".,:;!?'*_~"


# --- posts ----------------------------------------------------------------------------------


def post_tree(text: str, around: Surroundings) -> Node:
    """Return the tree of a post's text; what it leaves out is noted in its surroundings."""
    builder = Builder(partial(_convert, around=around))
    for token in tokens(clean(text), VOCABULARY):
        match token:
            case Comment(text=comment):
                _read_comment(comment, builder)
            case Shortcode() | StrayShortcode():
                _read_shortcode(token, builder, around)
            case ShortcodeEnd():
                _read_shortcode_end(token, builder)
            case _:
                _read_html(token, builder)
    root = builder.root()
    resolve(root)
    return root


def _convert(node: Node, around: Surroundings) -> Sequence[Child]:
    if node.name.startswith("wp:"):
        return blocks.convert_block(node, around)
    if node.name.startswith("["):
        return _convert_shortcode(node, around)
    return marked(node, convert_element(node, around.notes))


def _convert_shortcode(node: Node, around: Surroundings) -> Sequence[Child]:
    name = node.name[1:]
    if name in CAPTIONS:
        return caption_figure(node, around) if node.is_closed else node.children
    around.notes.add(f"left out: shortcode [{name}]")
    return [] if node.is_closed else node.children


def _read_html(token: Token, builder: Builder) -> None:
    match token:
        case Text(html=html):
            builder.add([html])
        case Start(name="xmp", raw=code) if code.strip():
            _read_html(Start("pre", {}), builder)
            builder.add([escape(code, quote=False)])
            builder.end("pre")
        case Start(name=name, attributes=attributes):
            builder.start(Node(name, attributes))
        case End(name="br"):
            builder.start(Node("br"))
        case End(name=name):
            builder.end(name)


def _read_comment(comment: str, builder: Builder) -> None:
    if name := blocks.closed(comment):
        builder.end(name)
    elif opened := blocks.opened(comment):
        node, is_whole = opened
        builder.start(node)
        if is_whole:
            builder.end(node.name)
    elif comment.strip() == "nextpage":
        builder.add([Node("hr")])
    elif comment.strip().partition(" ")[0] == "more":
        builder.add([MARK])


def _read_shortcode(
    token: Shortcode | StrayShortcode, builder: Builder, around: Surroundings
) -> None:
    if isinstance(token, StrayShortcode):
        if token.has_end or arguments_of(token.arguments).named:
            around.notes.add(f"left as it stands: shortcode [{token.name}]")
    elif token.name in ENCLOSING and token.has_end:
        builder.start(Node(f"[{token.name}", raw=token.arguments))
    else:
        builder.add(shortcode(token, around))


def _read_shortcode_end(token: ShortcodeEnd, builder: Builder) -> None:
    if token.name in ENCLOSING and builder.is_inside(f"[{token.name}"):
        builder.end(f"[{token.name}")
    else:
        builder.add([text_html(token.source)])


def caption_parts(text: str) -> Sequence[Child]:
    """Return what a caption's HTML holds, of no more than one paragraph."""
    builder = Builder(partial(convert_element, notes=Notes()))
    for token in tokens(clean(text)):
        _read_html(token, builder)
    return builder.root().children


# --- comments -------------------------------------------------------------------------------


def comment_tree(text: str) -> Node:
    """Return the tree of a comment's text."""
    builder = Builder(partial(convert_element, notes=Notes()))
    for token in tokens(clean(text)):
        if isinstance(token, Text) and not builder.is_inside("a", "pre", "code"):
            builder.add(list(_with_links(token.html)))
        else:
            _read_html(token, builder)
    return builder.root()


def _with_links(html: str) -> Iterator[Child]:
    """Yield text and, for each http or https address in it, a link."""
    written = 0
    for match in ADDRESS.finditer(html):
        end = match.start() + len(_without_punctuation(match[0]))
        address = decoded(html[match.start() : end])
        if len(address) <= LONGEST_ADDRESS:
            yield html[written : match.start()]
            yield link(address)
            written = end
    yield html[written:]


def _without_punctuation(address: str) -> str:
    """Return the address without what belongs to the sentence around it."""
    if end := ADDRESS_END.search(address):
        address = address[: end.start()]
    unbalanced = address.count(")") - address.count("(")
    length = len(address)
    while length and (
        address[length - 1] in PUNCTUATION or (address[length - 1] == ")" and unbalanced > 0)
    ):
        unbalanced -= address[length - 1] == ")"
        length -= 1
    return address[:length]
