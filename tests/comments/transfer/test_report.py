"""The report of an import: whatever a file says of itself can be stored, printed and written."""

import json

import pytest

from comments.transfer.report import MOST_NOTES, Report
from tests.comments.transfer.arriving import make_run

HOSTILE = "a NUL \x00, half \ud800 a character, \x1b[31mred\n\u202eand around"


@pytest.mark.django_db
def test_what_no_database_and_no_file_holds_is_left_out_of_it():
    report = Report()
    report.note(HOSTILE, line=3)
    report.skip(f"items of the type {HOSTILE}", line=4, what=HOSTILE)
    run = make_run()
    run.report = report.as_json()
    run.save()
    run.refresh_from_db()
    mended = "a NUL , half a character, [31mred and around"
    assert [note["what"] for note in run.report["notes"]] == [
        mended,
        f"{mended}: items of the type {mended}",
    ]
    assert run.report["skipped"] == {f"items of the type {mended}": 1}
    json.dumps(run.report, ensure_ascii=False).encode()
    assert all(line.isprintable() for line in report.lines())


def test_so_many_notes_are_kept_and_all_are_counted():
    report = Report()
    for number in range(MOST_NOTES + 5):
        report.note(f"note {number}")
    assert (len(report.notes), report.notes_left_out) == (MOST_NOTES, 5)
    assert report.lines()[-1] == "... and 985 notes more"
