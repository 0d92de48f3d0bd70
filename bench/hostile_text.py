"""What the worst text that a stranger can send costs: against an honest text of the same length.

Refused texts are timed up to their refusal, the others through Markdown and the sanitiser. The
limits are ratios within one run, so a busy machine does not matter.
"""

import time
from collections.abc import Iterator

from django.core.exceptions import ValidationError

from bench import Figure
from comments.markup import check_caps, render_comment

LENGTH = 20_000
HONEST = (
    "Bread wants *patience*, and `time`, and a warm [kitchen](https://example.org/). "
    + "The rest is what the neighbours told you about it, and they were wrong. " * 5
    + "\n\n"
)
HOSTILE = {
    "10,000 nested tags": "<b>",
    "16,000 parentheses": "(",
    "brackets": "[" * 199 + "a",
    "brackets, fewer": "[" * 19 + "a" * 980,
    "emphasis": "*a ",
    "code marks": "`" * 199 + "a",
    "open links": "[a](",
    "deep quotes": "> " * 12 + "x\n",
    "list items": "- ",
    "list items apart": "- a\n\n",
    "quotes apart": "> a\n\n",
    "quotes apart, fewer": "> " + "a" * 38 + "\n\n",
    "links without a scheme": "//e.example/(",
    "emphasis nested": "**_a_** ",
    "emphasis nested, fewer": "**_a_** " + "a" * 100,
    "ampersands": "&",
    "links with brackets": "http://a.example/" + "(" * 180 + " ",
    "backslashes": "\\" * 199 + "[]()",
    "addresses": "a@b.example ",
}


def measure() -> Iterator[Figure]:
    honest = _cost(HONEST)
    yield Figure("an honest text of 20,000 characters", honest * 1000, "ms")
    for name, unit in HOSTILE.items():
        yield Figure(name, _cost(unit) / honest, "times an honest text", 8)


def _cost(unit: str) -> float:
    """Return the least of three timings, in seconds of this process."""
    text = (unit * (LENGTH // len(unit) + 1))[:LENGTH]
    timings = []
    for _round in range(3):
        start = time.process_time()
        try:
            check_caps(text, max_length=LENGTH)
            render_comment(text)
        except ValidationError:
            pass
        timings.append(time.process_time() - start)
    return min(timings)
