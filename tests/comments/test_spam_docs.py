"""The examples of docs/spam-check.md do what the page says."""

import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest

from comments.models import EgressEntry, UncheckedComment
from comments.moderation import submit
from comments.policy import decide
from comments.rehearsal.terms import READINGS
from comments.spam import remote_checks_in_force
from comments.spam.akismet.fields import SENDS
from comments.status import Status
from tests.comments.factories import make_submission, make_thread

PAGE = Path(__file__).resolve().parents[2] / "docs" / "spam-check.md"


def example(monkeypatch, name, first_line):
    """Return the module that one of the page's examples makes, which can be imported as `name`."""
    sources = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (source,) = (source for source in sources if source.startswith(first_line))
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(source, str(PAGE), "exec"), module.__dict__)  # noqa: S102  our own page
    return module


@pytest.mark.django_db
def test_the_example_holds_shouting_and_nothing_else(monkeypatch):
    example(monkeypatch, "shouting_example", "# myblog/checks.py")
    checks = ["shouting_example.shouting"]
    thread = make_thread()
    shouted = decide(make_submission(thread, "THIS IS AN OUTRAGE, SIR, AN OUTRAGE"), checks)
    assert shouted.status == Status.PENDING
    assert shouted.findings[0].value == 1.0
    assert decide(make_submission(thread, "This is a calm remark."), checks).status == "approved"


class WordPolice(BaseHTTPRequestHandler):
    """Calls rude what is rude, and breaks down over what is worse."""

    asked: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(said)
        verdict = "spam" if "rude" in said["text"] else "ham"
        self.send_response(500 if "worse" in said["text"] else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"verdict": verdict}).encode())

    def log_message(self, *args: object) -> None:
        """Be silent."""


@pytest.fixture
def word_police():
    WordPolice.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), WordPolice) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/judge"
        server.shutdown()


@pytest.mark.django_db(transaction=True)
def test_the_example_that_asks_somebody_else_does_and_all_is_written_down(
    monkeypatch, settings, word_police
):
    monkeypatch.setenv("WORD_POLICE", word_police)
    example(monkeypatch, "police_example", "# myblog/remote_checks.py")
    settings.COMMENTS_CHECKS = ["police_example.word_police"]
    thread = make_thread()
    texts = ["A calm remark.", "A rude remark.", "Even worse."]
    comments = [submit(make_submission(thread, text)) for text in texts]
    assert [comment.status for comment in comments] == ["approved", "spam", "pending"]
    assert WordPolice.asked == [{"text": text} for text in texts]
    ledger = EgressEntry.objects.order_by("pk")
    assert [entry.comment for entry in ledger] == comments
    assert {(entry.service, entry.host, *entry.fields) for entry in ledger} == {
        ("Word police", "127.0.0.1", "text")
    }
    said = [(entry.outcome, entry.answer) for entry in ledger]
    assert said[:2] == [("answered", "ham"), ("answered", "spam")]
    assert said[2][0] == "failed"
    owed = UncheckedComment.objects.get()
    assert (owed.comment, owed.check_path) == (comments[2], "police_example.word_police")
    (says,) = remote_checks_in_force()
    assert says.sends == {"text": "what you wrote"}


def test_a_stranger_writes_either_in_some_twenty_lines():
    sources = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    lines = [sum(bool(line.strip()) for line in source.splitlines()) for source in sources]
    assert max(lines) <= 25


def test_the_page_names_every_field_that_akismet_is_sent_and_no_other():
    section = PAGE.read_text().split("\n## Akismet\n")[1].split("\n## ")[0]
    rows = section.split("| field | what it is |\n|---|---|\n")[1].split("\n\n")[0].splitlines()
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]
    assert sorted(named) == sorted(SENDS)


def test_the_page_names_every_check_that_is_rehearsed_and_no_other():
    section = PAGE.read_text().split("\n## Rehearsal\n")[1].split("\n## ")[0]
    rows = section.split("|---|---|---|\n")[1].split("\n\n")[0].splitlines()
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]
    assert sorted(named) == sorted(path.rpartition(".")[2] for path in READINGS)
