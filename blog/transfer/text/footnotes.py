"""The notes that WordPress keeps beside a text since 6.3 -> the list that stands in it."""

import json
from collections.abc import Callable, Iterator, Sequence

from blog.transfer.text.anchors import NAMES
from blog.transfer.text.tree import Child, Node

MOST_FOOTNOTES = 2_000


def footnote_list(source: str, inline: Callable[[str], Sequence[Child]]) -> Sequence[Child]:
    """Return the notes as one list, each with a link back; nothing where there are none.

    `inline` reads a note's HTML. anchors.py makes the links whole.
    """
    items: list[Child] = [_item(name, inline(words)) for name, words in _notes(source)]
    return [Node("ol", {}, items)] if items else []


def _notes(source: str) -> Iterator[tuple[str, str]]:
    """Yield (name, HTML) of each note that has both; what is no such list has none."""
    try:
        found = json.loads(source)
    except (ValueError, RecursionError):
        return
    for note in found[:MOST_FOOTNOTES] if isinstance(found, list) else []:
        name, words = (note.get("id"), note.get("content")) if isinstance(note, dict) else ("", "")
        if isinstance(name, str) and isinstance(words, str) and words.strip():
            yield name, words


def _item(name: str, words: Sequence[Child]) -> Node:
    # WordPress calls the place in the text so, and the sign is its own too.
    back = Node("a", {"href": f"#{name}-link"}, ["\u21a9\ufe0e"])
    return Node("li", {}, [*words, " ", back], data={NAMES: [name]})
