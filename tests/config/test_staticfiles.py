"""What is sent of our own scripts and style sheets: all that browsers read, and no more."""

from pathlib import Path

import pytest

from config.staticfiles import without_comments

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """\
// Says what the file is for,
// over two lines.
(() => {
  "use strict";

  const page = "https://example.org"; // stays: it stands behind code
  const pattern = /\\/\\//;
})();
"""


def test_comments_and_indentation_are_left_out_and_code_is_not() -> None:
    assert without_comments(SCRIPT) == (
        "(() => {\n"
        '"use strict";\n'
        'const page = "https://example.org"; // stays: it stands behind code\n'
        "const pattern = /\\/\\//;\n"
        "})();\n"
    )


def test_a_comment_of_a_style_sheet_may_have_several_lines() -> None:
    css = "/* One\n   and two. */\n\na { color: red; }\n  /* Quiet */\n  b { top: 0; } /* 3 */\n"
    assert without_comments(css) == "a { color: red; }\nb { top: 0; } /* 3 */\n"


@pytest.mark.parametrize("path", sorted(ROOT.glob("static/*/*.[cj]s*")), ids=lambda path: path.name)
def test_our_files_hold_nothing_that_leaving_out_could_change(path: Path) -> None:
    text = path.read_text("utf-8")
    stored = without_comments(text)
    assert stored == without_comments(stored)
    for number, line in enumerate(text.splitlines(), 1):
        # A string over several lines: backticks come in pairs on every line.
        pairs = line.replace("\\`", "").replace('"`"', "").count("`")
        is_comment = line.lstrip().startswith(("//", "/*"))
        assert is_comment or pairs % 2 == 0, f"{path.name}:{number}"
