"""The example of docs/spam-check.md does what the page says."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from comments.policy import decide
from comments.spam.akismet.fields import SENDS
from comments.status import Status
from tests.comments.factories import make_submission, make_thread

PAGE = Path(__file__).resolve().parents[2] / "docs" / "spam-check.md"


@pytest.mark.django_db
def test_the_example_holds_shouting_and_nothing_else(monkeypatch):
    (source,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    module = ModuleType("shouting_example")
    exec(compile(source, str(PAGE), "exec"), module.__dict__)  # noqa: S102  our own page
    monkeypatch.setitem(sys.modules, "shouting_example", module)
    checks = ["shouting_example.shouting"]
    thread = make_thread()
    shouted = decide(make_submission(thread, "THIS IS AN OUTRAGE, SIR, AN OUTRAGE"), checks)
    assert shouted.status == Status.PENDING
    assert shouted.findings[0].value == 1.0
    assert decide(make_submission(thread, "This is a calm remark."), checks).status == "approved"


def test_the_page_names_every_field_that_akismet_is_sent_and_no_other():
    section = PAGE.read_text().split("\n## Akismet\n")[1].split("\n## ")[0]
    rows = section.split("| field | what it is |\n|---|---|\n")[1].split("\n\n")[0].splitlines()
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]
    assert sorted(named) == sorted(SENDS)
