"""What made-up readers write: 20 to 150 words, now and then a link, a stress, a piece of code.

Pure. The same random numbers give the same words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from comments.markup import render_comment
from comments.submission import body_digest

FEWEST_WORDS, MOST_WORDS = 20, 150
# Of all words, and of all comments.
STRESSED, LINKING = 0.02, 0.15

VOCABULARY = """
a about above after again against all almost along already also always among an and another
answer any apart are around as asked at away bad barn be because before behind below beside best
better between bicycle big black bread bridge bring built but by came can cannot carry chair
change children clear close cold come corner could country day deep did different dinner do does
done door down during each early east easy edge eight either else end enough even evening ever
every far farm few field find fire first five flour for found four friend from front full garden
gave get give given glass go goes good great green ground had half hand hard has have he head
hear her here high him his home horse hot hour house how however hundred idea if in inside into
is it its just keep kept kitchen knew know land large last late later learn least leave left
less let letter light like line little long look lost made make many map may me mean meet might
mile mind minute moment month more morning most mountain much must my name near need neighbour
never new next night nine no none north not nothing now number of off often old on once one only
open or other our out outside oven over own paper part past patience people perhaps picture
piece place plain point put question quick quiet quite rain reach read ready reason rest right
river road room round run said same saw say school sea second see seem seen set seven several
shall she short should show side simple since six small snow so some something soon sound south
stand start station step still stone stood stop story street strong such sun sure table take
talk tell ten than that the their them then there these they thing think this those though
thought three through time to today together told too took top town train tree true turn two
under until up us use very view village voice wait walk wall want warm was watch water way we
weather week well went were west what wheel when where which while white who whole why will wind
window winter with without wood word work world would write year yeast yes yesterday yet you
young your
"""
WORDS = VOCABULARY.split()


@dataclass(frozen=True, slots=True)
class Text:
    body: str
    html: str
    digest: str


def write_texts(rng: Random, count: int) -> list[Text]:
    """Return so many texts, rendered as the door renders them."""
    bodies = (write_body(rng) for _text in range(count))
    return [Text(body, render_comment(body), body_digest(body)) for body in bodies]


def write_body(rng: Random) -> str:
    words = rng.choices(WORDS, k=rng.randint(FEWEST_WORDS, MOST_WORDS))
    words = [_stressed(rng, word) for word in words]
    if rng.random() < LINKING:
        at = rng.randrange(len(words))
        words[at] = _link(rng, words[at].strip("*`"))
    return "\n\n".join(" ".join(sentences) for sentences in _paragraphs(rng, words))


def _stressed(rng: Random, word: str) -> str:
    if rng.random() >= STRESSED:
        return word
    mark = rng.choice(("*", "**", "`"))
    return f"{mark}{word}{mark}"


def _link(rng: Random, word: str) -> str:
    address = f"https://example.org/{word}/{rng.randrange(1_000)}"
    return rng.choice((f"[{word}]({address})", address))


def _paragraphs(rng: Random, words: list[str]) -> Iterator[list[str]]:
    """Yield one to three lists of sentences, about sixty words each."""
    for start in range(0, len(words), 60):
        yield list(_sentences(rng, words[start : start + 60]))


def _sentences(rng: Random, words: list[str]) -> Iterator[str]:
    at = 0
    while at < len(words):
        end = at + rng.randint(6, 16)
        first, *others = words[at:end]
        if first.isalpha():
            first = first.capitalize()
        yield " ".join((first, *others)) + rng.choice("....?!")
        at = end
