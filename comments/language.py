"""Which language a text is most likely in: a filter for editors, not a judge.

By its letters where a script belongs to few languages, by its commonest small words where not.
A model would know more languages and weigh more than the rest of Parley together. Pure.
"""

import re
from collections import Counter
from collections.abc import Iterator

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# More than this says nothing new, and costs.
LOOKED_AT = 300
FEWEST_LETTERS = 12
# So large a part of the letters must be of one script, of the words small ones of one language.
LETTERS_OF_SCRIPT, WORDS_OF_LANGUAGE = 0.6, 0.12
# How far the best must be before the next.
AHEAD = 1.25

# First and last letter of each range, and the language or the script that it belongs to.
SCRIPTS = (
    ("\u0370", "\u03ff", "el"),
    ("\u0400", "\u052f", "cyrillic"),
    ("\u0590", "\u05ff", "he"),
    ("\u0600", "\u06ff", "arabic"),
    ("\u0900", "\u097f", "hi"),
    ("\u0980", "\u09ff", "bn"),
    ("\u0b80", "\u0bff", "ta"),
    ("\u0e00", "\u0e7f", "th"),
    ("\u10a0", "\u10ff", "ka"),
    ("\u1100", "\u11ff", "ko"),
    ("\uac00", "\ud7af", "ko"),
    ("\u3040", "\u30ff", "ja"),
    ("\u4e00", "\u9fff", "han"),
)
# Letters that one language of a script has and its neighbours lack.
TELLING = {
    "cyrillic": (("uk", "іїєґ"), ("bg", "ъ"), ("ru", "ыэё")),
    "arabic": (("fa", "پچژگ"),),
}
USUAL = {"cyrillic": "ru", "arabic": "ar", "han": "zh"}

SMALL_WORDS = {
    "en": "the be to of and that have it for not on with as you do at this but from they we was is are were has had been my so if about who which when what there can would he she just your me how more than",
    "de": "der die das und ist nicht ich sie ein eine zu den mit von es dem auf für im sich auch an als wie wir noch nur aber dass bei aus oder war haben hat mir mich kann wenn sind man so",
    "fr": "le la les de des et est un une que qui dans pour pas ne je vous ce il au sur plus avec sont mais nous c'est on par du être cette ou si tout très comme d'un ont",
    "es": "el la los las de que en un una es por con no para se lo del al como más pero su me si muy este sin sobre también hay está son fue yo esta todo porque",
    "it": "il lo gli di che un una per non con sono del della in ma come anche più si le mi questo ha nel alla se cosa molto io ho era dei delle sul perché",
    "pt": "os de que do da em um uma para com não por mais as dos como mas ao se na no eu foi muito também já isso você está seu sua são ter ele pelo",
    "nl": "de het een en van ik je dat niet in is op te zijn met voor er maar die aan om ook als bij nog wel naar heb hij ze wat dit was worden kan meer door geen",
    "pl": "nie na że się do to jest jak co ale tak po od za dla przez czy już tylko są było być mnie jego ten bardzo może ma ja go",
    "tr": "bir ve bu için çok da de ne ben daha gibi kadar ama var yok mi mı değil olarak olan ile en sonra her şey nasıl ya ki hiç",
    "sv": "och att det som en på är av för med jag den inte till om har ett han men var så vi kan från du man eller när nu där här mycket också",
    "da": "og at det er en den til på som med for af de ikke jeg der har han et men var vi kan så om du fra eller når nu hvor meget også",
    "fi": "ja on ei se että oli mutta hän kun niin ovat myös mitä jos olen ole kuin tämä minä sen vain nyt voi siitä joka olla sitä",
    "cs": "je se na že to do jako za ale po pro by jsem jsou který když už nebo tak jen byl bylo jeho má může při",
    "ro": "și de în la cu nu pe care este un din pentru mai că sunt să se am dar ce am fost sau ca după foarte când cum",
    "hu": "az és hogy nem is egy ez csak de van meg mint volt vagy ha már még azt nagyon lehet ki kell mert itt ők lesz minden",
    "id": "yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke karena ada mereka bisa lebih sudah kita atau oleh sangat",
    "vi": "và của là có không cho một được trong người những với này các đã tôi bạn để khi nhiều rất như từ cũng nhưng vì",
}
# One letter alone is a word in too many languages.
LANGUAGES_OF: dict[str, list[str]] = {}
for _language, _words in SMALL_WORDS.items():
    for _word in set(_words.split()):
        LANGUAGES_OF.setdefault(_word, []).append(_language)

LANGUAGES = sorted(
    {*SMALL_WORDS, *USUAL.values(), "uk", "bg", "fa"}
    | {language for _first, _last, language in SCRIPTS if len(language) == 2}
)


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of a text's language; nothing for a short or mixed one."""
    looked_at = text[:LOOKED_AT]
    if looked_at.isascii():
        return _by_words(looked_at)
    letters = [char for char in looked_at if char.isalpha()]
    if len(letters) < FEWEST_LETTERS // 2:
        return ""
    script, count = _script_of(letters)
    if count >= LETTERS_OF_SCRIPT * len(letters):
        return _of_script(script, letters)
    return _by_words(looked_at)


def _script_of(letters: list[str]) -> tuple[str, int]:
    """Return the commonest script of other letters than Latin ones, and how many are of it."""
    counts = Counter(_scripts(letters))
    if counts["ja"]:
        # Japanese is written with Chinese signs and its own.
        counts["ja"] += counts.pop("han", 0)
    return counts.most_common(1)[0] if counts else ("", 0)


def _scripts(letters: list[str]) -> Iterator[str]:
    for char in letters:
        for first, last, script in SCRIPTS:
            if first <= char <= last:
                yield script
                break


def _of_script(script: str, letters: list[str]) -> str:
    written = Counter(char.lower() for char in letters)
    for language, telling in TELLING.get(script, ()):
        if sum(written[char] for char in telling) > len(letters) / 100:
            return language
    return USUAL.get(script, script)


def _by_words(text: str) -> str:
    words = [word.casefold() for word in WORD.findall(text)]
    if len(words) < 3 or sum(map(len, words)) < FEWEST_LETTERS:
        return ""
    counts: Counter[str] = Counter()
    for word in words:
        counts.update(LANGUAGES_OF.get(word, ()))
    if not counts:
        return ""
    (best, most), *others = counts.most_common(2)
    next_best = others[0][1] if others else 0
    is_clear = most >= WORDS_OF_LANGUAGE * len(words) and most >= AHEAD * next_best
    return best if is_clear else ""
