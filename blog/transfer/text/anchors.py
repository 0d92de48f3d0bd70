"""Links within a text: the places they lead to keep a name, under a prefix that no page uses.

Places are marked while the tree is made (`marked`); once it is whole, `resolve` names those that a
link leads to, on the element itself or as an empty anchor before the words, and forgets the others.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from blog.transfer.text.tree import HEADINGS, Child, Node

# Of what blog/markup.py lets through, what no page around a text has among its own ids.
PREFIX = "section-"
NOT_IN_A_NAME = re.compile(r"[^\w-]+")
LONGEST_NAME = 100
# A name can stand on these; elsewhere it stands on an empty anchor.
BEARERS = HEADINGS | {
    "li", "dt", "dd", "td", "th", "figure", "blockquote", "pre", "sup", "a", "img",
}  # fmt: skip
# Marks a place where no element is left to carry the name.
PLACE = "#place"
NAMES = "names"
# What is no word: white space, and autop's mark.
NO_WORDS = " \t\n\x00"


def marked(written: Node, made: Sequence[Child]) -> Sequence[Child]:
    """Keep with what an element became the names it was known by."""
    names = list(_names_of(written))
    if not names:
        return made
    itself = [child for child in made if isinstance(child, Node) and child.name == written.name]
    carriers = itself or [child for child in made[:1] if isinstance(child, Node)]
    if itself or len(made) == len(carriers) == 1:
        carriers[0].data[NAMES] = [*names, *carriers[0].data.get(NAMES, [])]
        return made
    return [Node(PLACE, data={NAMES: names}), *made]


def _names_of(written: Node) -> Iterator[str]:
    for attribute in ("id", "name") if written.name == "a" else ("id",):
        if name := written.attributes.get(attribute, "").strip():
            yield name


def resolve(root: Node) -> None:
    """Name the places that links lead to; a link that leads to none is words."""
    places = _Places({name for link in _links(root) for name in _meant_by(link)})
    places.visit(root)
    places.end(root)
    _lead(root, places.names)


def _links(node: Node) -> Iterator[Node]:
    for child in node.children:
        if isinstance(child, Node):
            if _is_within(child):
                yield child
            yield from _links(child)


def _is_within(child: Child) -> bool:
    if isinstance(child, str) or child.name != "a":
        return False
    return child.attributes.get("href", "").strip().startswith("#")


def _meant_by(link: Node) -> tuple[str, str]:
    """Return the names that a link may mean: as written, and decoded."""
    written = link.attributes["href"].strip()[1:]
    return written, unquote(written)


@dataclass(slots=True)
class _Places:
    """Walks a tree in reading order; a name waits for the next thing that can carry it."""

    wanted: set[str]
    names: dict[str, str] = field(default_factory=dict)  # there -> here
    taken: set[str] = field(default_factory=set)
    used: Counter[str] = field(default_factory=Counter)
    waiting: dict[str, None] = field(default_factory=dict)

    def visit(self, node: Node) -> None:
        """Name what is wanted in a node and below."""
        self.waiting |= {
            name: None
            for name in node.data.get(NAMES, ())
            if name in self.wanted and name not in self.names
        }
        if self.waiting and node.name in BEARERS and _is_something(node):
            node.attributes["id"] = self._name()
        node.children = list(self._visited(node.children))

    def _visited(self, children: Sequence[Child]) -> Iterator[Child]:
        for child in children:
            if isinstance(child, Node):
                self.visit(child)
                if child.name != PLACE:
                    yield child
            elif self.waiting and (words := child.lstrip(NO_WORDS)):
                yield child[: len(child) - len(words)]
                yield self._anchor()
                yield words
            else:
                yield child

    def end(self, root: Node) -> None:
        """Put at the end what nothing follows."""
        if self.waiting:
            root.children.append(Node("p", {}, [self._anchor()]))

    def _anchor(self) -> Node:
        return Node("a", {"id": self._name()})

    def _name(self) -> str:
        """Return one name for all that wait here."""
        stem = NOT_IN_A_NAME.sub("-", next(iter(self.waiting)))
        stem = stem if re.match(f"{PREFIX}.", stem) else f"{PREFIX}{stem}"
        stem = name = stem[:LONGEST_NAME]
        while name in self.taken:
            self.used[stem] += 1
            name = f"{stem}__{self.used[stem] + 1}"
        self.taken.add(name)
        self.names |= dict.fromkeys(self.waiting, name)
        self.waiting = {}
        return name


def _is_something(node: Node) -> bool:
    """Tell whether an element will be written: an empty one is not, but for a picture."""
    return node.name == "img" or any(
        isinstance(child, Node) or child.strip() for child in node.children
    )


def _lead(node: Node, names: dict[str, str]) -> None:
    """Let the links below a node lead to the places as they are called now."""
    children: list[Child] = []
    for child in node.children:
        if isinstance(child, Node):
            _lead(child, names)
        children += _led(child, names) if isinstance(child, Node) and _is_within(child) else [child]
    node.children = children


def _led(link: Node, names: dict[str, str]) -> Sequence[Child]:
    target = next((names[name] for name in _meant_by(link) if name in names), "")
    if target:
        link.attributes["href"] = f"#{target}"
        return [link]
    place = [Node("a", {"id": link.attributes["id"]})] if "id" in link.attributes else []
    return [*place, *link.children]
