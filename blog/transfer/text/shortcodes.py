"""WordPress's shortcodes -> figures, links and code. Which there are, and what each becomes.

A handler that cannot use what it is given returns None, and the text stays as it was written.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from blog.transfer.text.elements import figure, gallery
from blog.transfer.text.embeds import ADDRESS, SITES, link_paragraph, page_of, web_address
from blog.transfer.text.notes import Notes
from blog.transfer.text.tokens import Shortcode, Vocabulary, decoded, text_html
from blog.transfer.text.tree import Child, Node

# A page of pictures, many times over; more than anybody shows in one post.
MOST_GALLERY_PICTURES = 2_000

ARGUMENT = re.compile(
    r"""([\w-]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"']++))|"([^"]*+)"|'([^']*+)'|(\S++)"""
)
CAPTIONS = frozenset(["caption", "wp_caption"])
# A form, or part of one: it did something, and said nothing.
SILENT = frozenset(["contact-form", "contact-field"])
ENCLOSING = CAPTIONS | SILENT

CODE = frozenset(["code", "sourcecode", "source", "cc", "crayon", "highlight"])
LANGUAGES = frozenset([
    "as3", "actionscript3", "bash", "shell", "cf", "coldfusion", "clojure", "cpp", "csharp",
    "css", "delphi", "diff", "erlang", "fsharp", "go", "golang", "groovy", "haskell", "html",
    "ini", "java", "javafx", "javascript", "js", "json", "kotlin", "latex", "lua", "matlab",
    "matlabkey", "objc", "obj-c", "pascal", "patch", "perl", "php", "plain", "plaintext",
    "powershell", "py", "python", "rails", "rb", "ruby", "rust", "scala", "scss", "sh", "sql",
    "swift", "text", "typescript", "vb", "vbnet", "xhtml", "xml", "xslt", "yaml",
])  # fmt: skip
PLAYERS = frozenset(["audio", "video"])
# Named after the site that plays it, or after what it plays.
LINKED = (frozenset(SITES) - {"list"}) | PLAYERS | frozenset([
    "embed", "soundcloud", "spotify", "bandcamp", "flickr", "instagram", "facebook",
    "slideshare", "googlemaps", "kickstarter", "vine", "mixcloud", "googleapps",
])  # fmt: skip
VERBATIM = CODE | LANGUAGES | LINKED | {"playlist"}
KNOWN = VERBATIM | ENCLOSING | {"gallery", "playlist"}
VOCABULARY = Vocabulary(KNOWN, VERBATIM, bare=frozenset(["gallery", "playlist"]))


@dataclass(frozen=True)
class Image:
    """An attachment as galleries and numbers need it. Shape: `caption` may hold HTML."""

    url: str
    alt: str
    caption: str


Lookup = Callable[[str], Image | None]


@dataclass(slots=True)
class Surroundings:
    """What a text's shortcodes and blocks need of the rest of the blog, and what they report."""

    image: Lookup
    attached: Sequence[Image]
    inline: Callable[[str], Sequence[Child]]  # a caption's HTML -> what may stand in it
    footnotes: str = ""  # as WordPress keeps them beside the text, in JSON
    notes: Notes = field(default_factory=Notes)
    pictures_left: int = MOST_GALLERY_PICTURES


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands in a shortcode after its name."""

    named: dict[str, str]
    loose: tuple[str, ...]

    def first_address(self, *names: str) -> str:
        """Return the first usable address, of the names before any other."""
        preferred = [self.named[name] for name in names if name in self.named]
        candidates = [*preferred, *self.loose, *self.named.values()]
        return next(filter(None, map(web_address, candidates)), "")


def arguments_of(source: str) -> Arguments:
    """Read a shortcode's arguments: name="value", name=value, "value" and value."""
    named: dict[str, str] = {}
    loose: list[str] = []
    for match in ARGUMENT.finditer(source.removesuffix("/")):
        value = decoded(next(filter(None, match.groups()[1:]), ""))
        if match[1]:
            named.setdefault(match[1].lower(), value)
        else:
            # [youtube=http://…] and its like.
            loose.append(value.removeprefix("=").strip("\"'"))
    return Arguments(named, tuple(loose))


def shortcode(token: Shortcode, around: Surroundings) -> Sequence[Child]:
    """Return what a shortcode becomes whose content, if any, is no HTML."""
    arguments = arguments_of(token.arguments)
    made = _made(token, arguments, around)
    if made is not None:
        return made
    if arguments.named or token.has_end:
        around.notes.add(f"left as it stands: shortcode [{token.name}]")
    left = token.source if token.content is None else token.content
    return [text_html(left)]


def _made(token: Shortcode, arguments: Arguments, around: Surroundings) -> Sequence[Child] | None:
    if token.name == "gallery":
        return _gallery(arguments, around)
    if token.name == "playlist":
        return _playlist(arguments, around)
    if token.name in LINKED:
        return _linked(token, arguments)
    if token.content is not None:
        return [_code(token, arguments)]
    return None


# --- pictures -------------------------------------------------------------------------------


def _gallery(arguments: Arguments, around: Surroundings) -> Sequence[Child]:
    images = _gallery_images(arguments, around)
    if arguments.named.get("order", "").lower() == "desc":
        images.reverse()
    shown = images[: around.pictures_left]
    around.pictures_left -= len(shown)
    if not images or len(shown) < len(images):
        around.notes.add("not all pictures: shortcode [gallery]")
    return [gallery([image_figure(image, around) for image in shown])] if shown else []


def _gallery_images(arguments: Arguments, around: Surroundings) -> list[Image]:
    wanted = arguments.named.get("ids") or arguments.named.get("include")
    if wanted:
        return list(_looked_up(wanted, around))
    if "id" in arguments.named:
        # Another post's pictures.
        return []
    excluded = {image.url for image in _looked_up(arguments.named.get("exclude", ""), around)}
    return [image for image in around.attached if image.url not in excluded]


def _looked_up(ids: str, around: Surroundings) -> Iterator[Image]:
    for number in re.findall("[0-9]{1,20}", ids)[:MOST_GALLERY_PICTURES]:
        image = around.image(number)
        if image is None:
            around.notes.add(f"not in the file: attachment {number}")
        else:
            yield image


def image_figure(image: Image, around: Surroundings) -> Node:
    """Return an attachment with its caption."""
    return figure(image.url, image.alt, around.inline(image.caption))


def caption_figure(node: Node, around: Surroundings) -> Sequence[Child]:
    """Return the figure of a [caption]: its first picture, linked or not, and the words."""
    children = _flat(node.children)
    at = next((at for at, child in enumerate(children) if has_picture(child)), None)
    if at is None:
        return node.children
    words = [*children[:at], *children[at + 1 :]]
    written = arguments_of(node.raw).named.get("caption", "")
    said = around.inline(written) if written else _trimmed(words)
    picture = children[at]
    return [Node("figure", {}, [picture, *([Node("figcaption", {}, list(said))] if said else [])])]


def _flat(children: Sequence[Child]) -> list[Child]:
    """Open the paragraphs that an editor put around the picture."""
    flat: list[Child] = []
    for child in children:
        is_paragraph = isinstance(child, Node) and child.name in {"p", "#flow"}
        flat += child.children if isinstance(child, Node) and is_paragraph else [child]
    return flat


def has_picture(child: Child) -> bool:
    """Tell whether there is a picture in it, or it is one."""
    return isinstance(child, Node) and (
        child.name == "img" or any(has_picture(inner) for inner in child.children)
    )


def _trimmed(children: list[Child]) -> list[Child]:
    return (
        children if any(not isinstance(child, str) or child.strip() for child in children) else []
    )


# --- links and code -------------------------------------------------------------------------


def _linked(token: Shortcode, arguments: Arguments) -> Sequence[Child] | None:
    inside = ADDRESS.search(decoded(token.content or ""))
    address = arguments.first_address("src", "url", "mp3", "mp4", "href")
    address = address or (web_address(inside[0]) if inside else "")
    if not address:
        codes = [
            *(arguments.named.get(name, "") for name in ("id", "video", "v")),
            *arguments.loose,
        ]
        address = next(filter(None, (page_of(token.name, code) for code in codes)), "")
    return [link_paragraph(address)] if address else None


def _playlist(arguments: Arguments, around: Surroundings) -> Sequence[Child] | None:
    found = [web_address(image.url) for image in _gallery_images(arguments, around)]
    return [link_paragraph(address) for address in found if address] or None


def _code(token: Shortcode, arguments: Arguments) -> Node:
    language = token.name if token.name in LANGUAGES else ""
    for name in ("language", "lang"):
        language = arguments.named.get(name, language)
    is_language = re.fullmatch(r"[\w+#.-]{1,40}", language, re.ASCII)
    attributes = {"class": f"language-{language.lower()}"} if is_language else {}
    return Node("pre", {}, [Node("code", attributes, [_code_text(token.content or "")])])


def _code_text(content: str) -> str:
    """Return code escaped once: WordPress stores it escaped already, or not at all."""
    code = content.strip("\n")
    is_raw = "<" in code or ">" in code
    return escape(code if is_raw else decoded(code), quote=False)
