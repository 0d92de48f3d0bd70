"""What pages may show of what came as HTML: the tests' own list, beside that of the fault tests."""

from tests.faults.anatomy import misdeeds, read

# What imported HTML may have beside what Markdown makes.
MORE = frozenset(
    [
        "b",
        "i",
        "u",
        "del",
        "ins",
        "kbd",
        "mark",
        "small",
        "abbr",
        "q",
        "cite",
        "sub",
        "dl",
        "dt",
        "dd",
        "h5",
        "h6",
        "caption",
        "tfoot",
        "details",
        "summary",
    ]
)
CELLS = ("td", "th")
# A place that a link within the text leads to.
NAMED = ("h5", "h6", "dt", "dd", "td", "th", "figure", "blockquote", "pre", "sup")


def harm_in(html: str) -> list[str]:
    """Return what stands on a page and must not, whoever wrote it."""
    harmless = {f"<{tag}> in somebody's words" for tag in MORE}
    spans = [{"colspan"}, {"rowspan"}, {"colspan", "rowspan"}, {"rowspan", "colspan"}]
    harmless |= {f"<{tag} {names}> in somebody's words" for tag in CELLS for names in spans}
    harmless |= {f"<{tag} {{'id'}}> in somebody's words" for tag in NAMED}
    harmless.add("<figure {'class'}> in somebody's words")
    harmless.add("<ol {'reversed'}> in somebody's words")
    return [found for found in misdeeds(read(html), post=True) if found not in harmless]
