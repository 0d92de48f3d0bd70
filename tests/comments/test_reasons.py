"""The reasons that editors keep: offered in order, renamed and put aside, never lost to the log."""

from pathlib import Path

import pytest
from django.test import Client

from comments import reasons
from comments.models import Reason

pytestmark = pytest.mark.django_db

LIST = "/admin/comments/reason/"


@pytest.fixture
def editor(mona):
    client = Client()
    client.force_login(mona)
    return client


def form_of(reason, **changes):
    fields = ("code", "label", "key", "text_for_author", "position")
    data = {name: getattr(reason, name) for name in fields} | {"is_active": "on"}
    return data | changes


def test_the_site_begins_with_the_reasons_that_everybody_needs():
    assert [reason.code for reason in reasons.offered()] == [
        "spam", "abuse", "off_topic", "personal_data", "illegal", "other",
    ]  # fmt: skip


def test_an_editor_adds_a_reason_and_it_is_offered_at_once(editor):
    data = {"code": "selling", "label": "selling", "key": "7", "position": 2, "is_active": "on"}
    assert editor.post(f"{LIST}add/", data).status_code == 302
    assert ("selling", "selling") in reasons.choices()


def test_a_reason_that_is_put_aside_is_offered_no_more(editor):
    reason = Reason.objects.get(code="other")
    data = form_of(reason)
    del data["is_active"]
    assert editor.post(f"{LIST}{reason.pk}/change/", data).status_code == 302
    assert "other" not in dict(reasons.choices())


def test_the_code_of_a_reason_never_changes(editor):
    reason = Reason.objects.get(code="abuse")
    editor.post(f"{LIST}{reason.pk}/change/", form_of(reason, code="kind", label="insults"))
    reason.refresh_from_db()
    assert (reason.code, reason.label) == ("abuse", "insults")


def test_two_reasons_do_not_have_one_key(editor):
    reason = Reason.objects.get(code="abuse")
    answer = editor.post(f"{LIST}{reason.pk}/change/", form_of(reason, key="1"))
    assert "Another reason has this key." in answer.text
    answer = editor.post(f"{LIST}{reason.pk}/change/", form_of(reason, key="x"))
    assert "A digit from 1 to 9." in answer.text


def test_nobody_deletes_a_reason_that_the_log_names(editor):
    reason = Reason.objects.get(code="abuse")
    assert editor.post(f"{LIST}{reason.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Reason.objects.filter(code="abuse").exists()


@pytest.mark.parametrize(("who", "status"), [("bob", 302), ("alice", 302), ("mona", 200)])
def test_only_editors_keep_the_reasons(request, who, status):
    client = Client()
    client.force_login(request.getfixturevalue(who))
    assert client.get(LIST).status_code == status


# --- one place ----------------------------------------------------------------------------------


def test_a_reason_that_was_put_aside_keeps_its_words(django_assert_num_queries):
    Reason.objects.filter(code="abuse").update(is_active=False, label="insults")
    with django_assert_num_queries(2):
        assert reasons.label_for("abuse") == reasons.labels()["abuse"] == "insults"
    assert reasons.is_kept("abuse")
    assert "abuse" not in dict(reasons.choices())


@pytest.mark.parametrize("code", ["gone", "x" * 300])
def test_what_nobody_keeps_has_no_words(code):
    assert (reasons.label_for(code), reasons.is_kept(code)) == ("", False)
    assert code not in reasons.labels()


def test_no_code_is_looked_up_nowhere(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert reasons.label_for("") == ""


def test_reasons_are_read_in_one_place():
    folder = Path(reasons.__file__).parent
    readers = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if "Reason.objects" in path.read_text("utf-8")
    }
    # The model compares an old reason with itself.
    assert readers == {"reasons.py", "models/reasons.py"}
