"""What the desk keeps comes back with the site: texts, reports, places, reasons and measures."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from blog.transfer.reverting import revert
from comments import moderation, reports
from comments.models import (
    Comment,
    CommentMove,
    DiscussionRules,
    ListEntry,
    ModerationLogEntry,
    OutgoingLetter,
    Reason,
    Report,
    Sanction,
    Thread,
)
from comments.status import Action, IllegalTransition
from comments.transfer.records import ImportRun
from tests.blog.transfer.desk_site import THEN, report
from tests.blog.transfer.moves import (
    build_hard_site,
    empty_the_site,
    entries,
    export,
    import_site,
    rewritten,
)
from tests.blog.transfer.test_import_site import refused
from tests.cast import make_person

# The zip, once it has been made by the first test that asked for it.
_made: list[bytes] = []


@pytest.fixture
def zipped(tmp_path, db):
    """Return the zip of a site whose desk has everything; the site here is empty."""
    path = tmp_path / "site.zip"
    if not _made:
        build_hard_site()
        export(path)
        empty_the_site()
        _made.append(path.read_bytes())
    path.write_bytes(_made[0])
    return path


@pytest.fixture
def moved(zipped):
    # Numbers of this database are other ones than those of the first.
    for name in ("Otto", "Ute"):
        make_person(name)
    import_site(zipped)


def lines_of(zipped, entry):
    return [json.loads(line) for line in entries(zipped)[entry].splitlines()]


def with_lines(zipped, entry, rows):
    content = "\n".join(map(json.dumps, rows)).encode()
    return rewritten(zipped, zipped.with_name("changed.zip"), {entry: content})


def on(body):
    return Comment.objects.get(body=body)


# ---- What comes back ----------------------------------------------------------------------------


def test_an_editors_change_of_words_is_told_and_can_be_undone(moved):
    comment, mona = on("Is plainer"), get_user_model().objects.get(slug="mona")
    assert comment.is_edited_by_editor
    edited_at = comment.log.get(action="revise").detail["edited_at"]
    moderation.undo(comment.log.get(action="revise"), actor=mona)
    comment.refresh_from_db()
    assert (comment.body, comment.is_edited_by_editor) == ("Is plain", False)
    assert comment.edited_at.isoformat() == edited_at


def test_the_log_says_what_the_author_was_told_and_no_letter_waits(moved):
    held = on("Kind words").log.get(action="hold")
    assert held.message == "Two\nlines: <b>why</b>"
    assert not OutgoingLetter.objects.exists()


def test_reports_are_open_or_settled_as_they_were(moved):
    once, again = on("Reported once"), on("Reported again")
    assert (once.open_reports, again.open_reports) == (2, 2)
    assert once.reported_at == min(once.reports.values_list("created_at", flat=True))
    settled = again.reports.get(settled_by__isnull=False)
    assert settled.settled_by == again.log.get(action="dismiss")
    call_command("verify_log")


def test_who_reported_with_an_account_is_still_the_one_who_did(moved):
    alice, once = get_user_model().objects.get(slug="alice"), on("Reported once")
    kept = Report.objects.get(comment=once, reporter=alice)
    assert report(once, alice, reason="spam") == kept
    stranger = get_user_model().objects.get(slug="otto")
    assert reports.open_report(once, reports.key_of_account(stranger.pk)) is None


def test_old_links_still_lead_to_comments_that_were_moved(moved):
    here, comment = Thread.objects.get(url="/desk/1"), on("Off the topic")
    assert comment.thread.url == "/desk/2"
    assert CommentMove.objects.count() == 2
    left = CommentMove.objects.get(comment=comment)
    assert moderation.moved_from(here.pk, left.number) == comment


def test_a_move_made_before_the_journey_cannot_be_undone_after_it(moved):
    entry = ModerationLogEntry.objects.get(action="move")
    assert entry.detail is None
    with pytest.raises(IllegalTransition):
        moderation.undo(entry, actor=None)
    assert moderation.plan_undo(entry).total == 0


def test_measures_are_against_the_same_people_under_their_new_numbers(moved):
    alice = get_user_model().objects.get(slug="alice")
    bans = Sanction.objects.filter(kind="ban")
    assert bans.count() == 6
    ban = bans.get(target="account", value=str(alice.pk))
    assert (ban.user, ban.actor.slug, ban.ends_at) == (alice, "mona", THEN + timedelta(days=9))
    assert bans.get(target="email").user == alice
    # Nobody here is meant by the number of an account that was gone.
    assert set(bans.filter(target="account", user=None).values_list("value", flat=True)) == {""}
    warned = Sanction.objects.get(kind="warn")
    assert (warned.lifted_at, warned.lifted_by_name, warned.actor) == (THEN, "Una", None)


def test_lists_reasons_and_rules_come_with_what_was_counted(moved):
    assert ListEntry.objects.get(kind="network").hits == 7
    assert ListEntry.objects.get(kind="regex").last_hit_at == THEN
    reason = Reason.objects.get(code="rude")
    assert (reason.key, reason.text_for_author) == ("9", "Please\nbe kind.")
    assert not Reason.objects.get(code="old").is_active
    assert DiscussionRules.objects.get().authors_moderate


def test_a_second_run_changes_nothing_at_the_desk(moved, zipped):
    kept = (Sanction, Reason, Report, CommentMove, ListEntry)
    Sanction.objects.filter(target="domain").update(lifted_at=THEN)
    rows = [list(model.objects.order_by("pk").values()) for model in kept]
    assert "measures: 7 (7 unchanged)" in import_site(zipped)
    assert rows == [list(model.objects.order_by("pk").values()) for model in kept]


def test_a_reason_that_is_here_stays_and_a_key_that_is_taken_too(zipped):
    here = {"label": "Advertising", "key": "9"}
    Reason.objects.update_or_create(code="spam", defaults=here)
    out = import_site(zipped)
    assert Reason.objects.get(code="spam").label == "Advertising"
    assert Reason.objects.get(code="rude").key == ""
    assert "the key 9 of the reason rude is taken here" in out
    assert "the reason spam is kept as it is here" in out


def test_an_import_of_all_that_can_be_taken_back(moved):
    run = ImportRun.objects.get(format="site")
    revert(run.pk, actor=get_user_model().objects.get(slug="otto"))
    for model in (Comment, Report, CommentMove, ModerationLogEntry):
        assert not model.objects.exists()


# ---- Zips from before ---------------------------------------------------------------------------

NEWER = {
    "message", "detail", "is_edited_by_editor", "reports", "moved_from", "hits", "last_hit_at",
    "authors_moderate",
}  # fmt: skip


def test_a_zip_from_before_the_desk_is_taken(zipped):
    changes = {"data/reasons.jsonl": None, "data/measures.jsonl": None}
    for name in ("comments", "lists", "rules"):
        rows = lines_of(zipped, f"data/{name}.jsonl")
        for row in rows:
            row["log"] = [without_newer(act) for act in row.get("log", [])]
        text = "\n".join(json.dumps(without_newer(row)) for row in rows)
        assert not any(f'"{newer}"' in text for newer in NEWER)
        changes[f"data/{name}.jsonl"] = text
    import_site(rewritten(zipped, zipped.with_name("old.zip"), changes))
    assert not Report.objects.exists()
    assert not CommentMove.objects.exists()
    assert not Sanction.objects.exists()
    assert not Comment.objects.filter(is_edited_by_editor=True).exists()
    assert not DiscussionRules.objects.get().authors_moderate
    call_command("verify_log")


def without_newer(told):
    return {name: told[name] for name in told if name not in NEWER}


# ---- Hostile lines ------------------------------------------------------------------------------

GUEST = {
    "reporter": None, "reporter_key": "k" * 64, "reason": "spam", "note": "",
    "created_at": "2024-01-01T00:00:00+00:00", "settled": None,
}  # fmt: skip
PLACE = {"thread": "threads/1", "number": 700}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"reports": [GUEST, GUEST]}, "reports: one reader has two that are open"),
        ({"reports": [GUEST | {"settled": 99}]}, "settled by an act that is not in the log"),
        ({"reports": [GUEST | {"settled": -1}]}, "settled: not a whole number"),
        ({"reports": [GUEST | {"reason": "whim"}]}, "reason: 'whim' is none"),
        ({"reports": [GUEST | {"reporter_key": ""}]}, "either reporter or reporter_key"),
        ({"reports": [GUEST | {"reporter": "mona"}]}, "either reporter or reporter_key"),
        (
            {"reports": [GUEST | {"reporter": "nobody", "reporter_key": ""}]},
            "there is no person 'nobody'",
        ),
        ({"reports": [GUEST | {"note": "n" * 1001}]}, "note: 1,001 characters"),
        ({"reports": "many"}, "reports: not a list"),
        ({"moved_from": [PLACE, PLACE]}, "moved_from: threads/1#700 for the second time"),
        ({"moved_from": [PLACE | {"thread": "threads/99"}]}, "there is no thread 'threads/99'"),
        ({"moved_from": [PLACE | {"number": 0}]}, "number: not a whole number"),
        ({"is_edited_by_editor": "yes"}, "is_edited_by_editor: neither true nor false"),
    ],
)
def test_a_comment_with_what_cannot_be_is_refused(zipped, values, words):
    rows = lines_of(zipped, "data/comments.jsonl")
    rows[0].update(values)
    refused(with_lines(zipped, "data/comments.jsonl", rows), "comments.jsonl, line 1", words)
    assert not Sanction.objects.exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"detail": {"from": {"thread": 1}}}, "detail: edited_at is missing"),
        ({"detail": {"edited_at": 1, "is_edited_by_editor": True}}, "edited_at: not a date"),
        (
            {"detail": {"edited_at": None, "is_edited_by_editor": False}},
            "the words before an editor's change of them are not among earlier",
        ),
        ({"message": ["x"]}, "message: not a text"),
    ],
)
def test_an_act_with_what_cannot_be_is_refused(zipped, values, words):
    rows = lines_of(zipped, "data/comments.jsonl")
    assert not rows[0]["earlier"]
    rows[0]["log"][-1].update(values)
    refused(with_lines(zipped, "data/comments.jsonl", rows), "comments.jsonl, line 1: log", words)


@pytest.mark.parametrize(
    ("entry", "values", "words"),
    [
        ("measures", {"kind": "hang"}, "kind: 'hang' is none"),
        ("measures", {"target": "account", "value": "nobody"}, "there is no person 'nobody'"),
        ("measures", {"target": "email", "value": None}, "value: against nobody"),
        ("measures", {"target": "network", "value": "192.0.2.1/8"}, "has host bits set"),
        ("measures", {"actor": "nobody"}, "there is no person 'nobody'"),
        ("measures", {"user": "nobody"}, "there is no person 'nobody'"),
        ("measures", {"batch": "1"}, "batch: "),
        ("measures", {"ends_at": "soon"}, "ends_at: not a date"),
        ("reasons", {"code": "two words"}, "code: not a short name"),
        ("reasons", {"key": "10"}, "key: not a digit from 1 to 9"),
        ("reasons", {"label": ""}, "label: 0 characters"),
        ("reasons", {"position": -1}, "position: not a whole number"),
        ("lists", {"kind": "network", "pattern": "not one"}, "'not one' does not appear"),
        ("lists", {"hits": -1}, "hits: not a whole number"),
        ("rules", {"authors_moderate": 1}, "authors_moderate: neither true nor false"),
    ],
)
def test_a_line_of_the_desk_that_cannot_be_is_refused(zipped, entry, values, words):
    rows = lines_of(zipped, f"data/{entry}.jsonl")
    rows[0].update(values)
    path = with_lines(zipped, f"data/{entry}.jsonl", rows)
    refused(path, f"data/{entry}.jsonl, line 1: ", words)
    assert not Sanction.objects.exists()
    assert not Report.objects.exists()
    assert not Reason.objects.filter(code="rude").exists()


@pytest.mark.parametrize(("name", "words"), [("code", "the code "), ("key", "the key 9")])
def test_two_reasons_of_one_code_or_key_are_refused(zipped, name, words):
    rows = lines_of(zipped, "data/reasons.jsonl")
    rude = next(row for row in rows if row["code"] == "rude")
    twin = rude | {"code": "twin", "key": ""} | {name: rude[name]}
    refused(with_lines(zipped, "data/reasons.jsonl", [*rows, twin]), words, "for the second time")


def test_the_acts_of_editors_are_all_in_the_zip(zipped):
    told = {act["action"] for row in lines_of(zipped, "data/comments.jsonl") for act in row["log"]}
    assert {Action.REVISE, Action.DISMISS, Action.MOVE} <= told
