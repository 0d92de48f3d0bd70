"""The command that brings threads, run over what a test says; and whatever is taken in, the log and
the counters say the same as the table.
"""

import json
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command


@pytest.fixture
def run(tmp_path):
    """Return a function that runs the command and returns its report."""

    def run(content, name, **options):
        path = tmp_path / "told"
        if isinstance(content, str):
            content = content.encode()
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path = content
        report = tmp_path / "report.json"
        out = StringIO()
        call_command(
            "import_threads", str(path), f"--from={name}", report=report, stdout=out, **options
        )
        return json.loads(report.read_text())

    return run


# Tests of histories that nobody can have lived.
MADE_UP = {"test_links_of_a_history_that_make_no_sense_are_left_out"}


@pytest.fixture(autouse=True)
def _log_agrees(request: pytest.FixtureRequest) -> Iterator[None]:
    marker = request.node.get_closest_marker("django_db")
    if marker is None or request.node.name in MADE_UP:
        yield
        return
    is_transactional = marker.kwargs.get("transaction", False)
    # Asked for, so that it is still there when this looks.
    request.getfixturevalue("transactional_db" if is_transactional else "db")
    yield
    call_command("verify_log", stdout=StringIO())
