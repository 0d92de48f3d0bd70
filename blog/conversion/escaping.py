"""Text that stays text in Markdown, whatever signs stand in it."""

import re
from unicodedata import category

# What means something anywhere in a line, in the dialect of blog/markup.py.
SIGNS = re.compile(
    r"[\\`*\[\]~]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # within a word it means nothing
    r"|<(?=[a-zA-Z/!?])"
    r"|&(?=#[0-9xX]|[a-zA-Z])"
)
# What means something where a line begins.
LINE_SIGN = re.compile(r"#{1,6}(?=\s|$)|[-+](?=\s|$)|>|[-=:|][-=:| \t]*$")
LINE_NUMBER = re.compile(r"([0-9]{1,9})([.)])(?=\s|$)")
RUN_OF_BACKTICKS = re.compile("`+")
PLAIN_ADDRESS = re.compile(r"[^\s()<>\\\x00-\x20]+")
ENTITY = re.compile(r"&(?=#?\w+;)")


def escaped(text: str) -> str:
    return SIGNS.sub(r"\\\g<0>", text)


def line_escaped(line: str) -> str:
    """Let a line of a paragraph begin nothing else, and keep odd spaces at its ends."""
    if LINE_SIGN.match(line):
        return f"\\{line}"
    line = LINE_NUMBER.sub(r"\1\\\2", line, count=1) if LINE_NUMBER.match(line) else line
    return _ends_kept(line)


def _ends_kept(line: str) -> str:
    """Write the odd spaces at both ends as references: parsers would take them away."""
    core = line.strip()
    head = line[: len(line) - len(line.lstrip())]
    tail = line[len(line.rstrip()) :] if core else ""
    return f"{_referred(head)}{core}{_referred(tail)}" if core else ""


def _referred(spaces: str) -> str:
    return "".join(f"&#{ord(space)};" for space in spaces if category(space) == "Zs")


def code_span(text: str) -> str:
    if not text.strip(" "):
        return text
    fence = "`" * (_longest_run(text) + 1)
    is_padded = text[0] in "` " or text[-1] in "` "
    inner = f" {text} " if is_padded else text
    return f"{fence}{inner}{fence}"


def code_block(text: str, language: str) -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}" if text else f"{fence}{language}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in RUN_OF_BACKTICKS.findall(text)), default=0)


def destination(address: str) -> str:
    """Return an address as it stands in a link."""
    address = ENTITY.sub("&amp;", address.strip().replace("\n", ""))
    if PLAIN_ADDRESS.fullmatch(address):
        return address
    inside = re.sub(r"([\\<>])", r"\\\1", address)
    return f"<{inside}>"


def title(text: str) -> str:
    """Return the words that stand beside an address in a link, with the space before them."""
    text = " ".join(text.split())
    words = ENTITY.sub("&amp;", re.sub(r'([\\"])', r"\\\1", text))
    return f' "{words}"' if words else ""
