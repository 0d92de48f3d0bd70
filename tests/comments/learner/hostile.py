"""The worst that a stranger can send the learner: each is repeated up to the cap on a comment."""

LENGTH = 20_000

UNITS = {
    "one letter": "a",
    "parentheses": "(",
    "combining marks": "a" + "\u0301" * 50,
    "unseen characters": "\u200b",
    "unseen characters between letters": "a\u200b",
    "entities": "&amp;",
    "letters as entities": "&#97;",
    "ampersands": "&",
    "open tags": "<",
    "tags that never end": "<a ",
    "links that never end": '<a href="',
    "links in links": "<a " + "href=" * 50,
    "all scripts": "".join(chr(code) for code in range(0x20, 0x4E20) if chr(code).isprintable()),
    "one word of Chinese": "漢字",
    "what folds to eighteen": "\ufdfa",
    "spaces": " ",
    "dots": "a.",
    "hosts": "a.b-",
    "schemes": "http://",
    "numbers": "1 ",
    "one long number": "1",
    "look-alikes": "\u0430a",
    "emoji": "\U0001f600",
    "spelt out": "a b ",
    "apostrophes": "a'",
    "handles": "@a",
    "hyphens": "a-",
    "halves of characters": "\ud800",
    "short words": "".join(f"{number} " for number in range(4000)),
}

TEXTS = {name: (unit * LENGTH)[:LENGTH] for name, unit in UNITS.items()}
