"""The learner's page at the desk, and its command."""

from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.urls import reverse

from comments.desk import learner
from comments.learning.checkpoints import Folded, keep
from comments.learning.memory import memory
from comments.learning.upkeep import catch_up, stand_down
from comments.models import DiscussionRules, LearnerCheckpoint, LearnerExample, LearnerState
from comments.spam.learner.model import Model
from tests.comments.factories import make_thread
from tests.comments.learning.lessons import bits, teach

pytestmark = pytest.mark.django_db

PAGE = "/admin/desk/learner/"


@pytest.fixture
def thread():
    return make_thread()


@pytest.fixture
def editor(client, mona):
    client.force_login(mona)
    return client


def text_of(client):
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_only_editors_see_it(client, bob):
    assert client.get(PAGE).status_code == 302
    client.force_login(bob)
    assert client.get(PAGE).status_code in (302, 403)
    assert client.post(PAGE).status_code in (302, 403)


def test_it_is_a_part_of_the_desk(editor):
    assert f'href="{PAGE}"' in editor.get(reverse("admin:desk")).text
    assert 'aria-current="page"' in editor.get(PAGE).text


def test_it_says_what_to_do_while_nothing_was_decided(editor):
    assert "It has seen no decision yet." in text_of(editor)


def test_it_says_how_many_more_it_needs(editor, thread, mona):
    teach(thread, mona, ham=20, spam=48)
    said = text_of(editor)
    assert "It only advises for now:" in said
    assert "30 more until it acts" in said
    assert "2 more until it acts" in said


def test_it_says_how_well_it_does_and_what_its_cut_offs_make_of_it(editor, thread, mona):
    teach(thread, mona, ham=60, spam=60)
    said = text_of(editor)
    assert "It acts:" in said
    assert "Each comment was judged before the decision on it was learnt from." in said
    assert "It chose both from these decisions." in said
    model = memory.model
    assert sum(model.record().__dict__.values()) == 120
    assert f"Of {model.record().caught + model.record().missed} that were spam" in said


def test_it_says_who_set_the_cut_offs(editor, thread, mona):
    teach(thread, mona, ham=60, spam=60)
    DiscussionRules.objects.create(pk=1, ham_cutoff=0.25, spam_cutoff=0.75)
    said = text_of(editor)
    assert "Good below 0.250, spam from 0.750 on" in said
    assert "Editors set them in the rules." in said


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("damaged", "what is stored of its model is damaged"),
        ("worse 30 10 200", "Over 200 decisions its errors weighed 30, theirs 10."),
    ],
)
def test_it_says_why_it_stands_down(editor, thread, mona, why, words):
    teach(thread, mona, ham=60, spam=60)
    stand_down(why)
    assert words in text_of(editor)


@pytest.mark.parametrize(
    ("mode", "words"), [("off", "It is off."), ("advise", "It only advises, as the rules say.")]
)
def test_it_says_what_the_rules_let_it_do(editor, thread, mona, mode, words):
    teach(thread, mona, ham=60, spam=60)
    DiscussionRules.objects.create(pk=1, learner_mode=mode)
    assert words in text_of(editor).replace("</strong>", "").replace("<strong>", "")


def test_a_damaged_model_does_not_break_the_page(editor, thread, mona):
    teach(thread, mona, ham=60, spam=60)
    LearnerCheckpoint.objects.create(upto=1, data=b"")
    assert "what is stored of its model is damaged" in text_of(editor)


def test_emptied_examples_are_told_of(editor, thread, mona):
    teach(thread, mona, ham=60, spam=60)
    LearnerExample.objects.all().delete()
    assert "If they were removed by hand, make it anew." in text_of(editor)


def test_the_button_makes_it_anew(editor, thread, mona):
    teach(thread, mona, ham=60, spam=60)
    before = bits()
    LearnerExample.objects.all().delete()
    answer = editor.post(PAGE, follow=True)
    assert "made anew from the decisions on 120 comments" in answer.text
    assert LearnerExample.objects.count() == 120
    assert bits() == before


def test_where_it_takes_too_long_the_button_names_the_command(editor, thread, mona, monkeypatch):
    monkeypatch.setattr(learner, "REBUILD_SECONDS", -1.0)
    teach(thread, mona, ham=3, spam=3)
    before = bits()
    assert "manage.py learner rebuild" in editor.post(PAGE, follow=True).text
    assert bits() == before


def test_the_button_is_for_those_who_keep_the_rules(editor, thread, mona):
    mona.groups.clear()
    give(mona, "moderate_comment")
    assert "Make it anew" not in text_of(editor)
    assert editor.post(PAGE).status_code == 403


def give(person, codename):
    person.is_staff = True
    person.save()
    person.user_permissions.add(Permission.objects.get(codename=codename))


def test_the_page_asks_no_more_for_many_decisions(
    editor, thread, mona, django_assert_max_num_queries
):
    teach(thread, mona, ham=60, spam=60)
    editor.get(PAGE)
    with django_assert_max_num_queries(14):
        editor.get(PAGE)


# --- the command ------------------------------------------------------------------------------


def told(*what):
    out = StringIO()
    call_command("learner", *what, stdout=out)
    return out.getvalue()


def test_the_command_tells_what_it_has_seen(thread, mona):
    teach(thread, mona, ham=20, spam=10)
    said = told("status")
    assert "The learner is learning." in said
    assert "Learnt from: 20 good comments, 10 spam." in said


def test_the_command_finds_what_the_log_does_not_lead_to_and_rebuild_mends_it(thread, mona):
    teach(thread, mona, ham=20, spam=10)
    catch_up()
    assert "is what the log makes it" in told("verify")
    LearnerExample.objects.filter(label="spam").update(label="ham")
    with pytest.raises(CommandError):
        told("verify")
    assert "10 of them did not teach what the log says" in told("rebuild")
    assert "is what the log makes it" in told("verify")


def test_the_command_finds_a_checkpoint_that_is_another_model(thread, mona):
    teach(thread, mona, ham=20, spam=10)
    catch_up()
    epoch = LearnerState.objects.get().epoch
    assert keep(Folded(memory.model, memory.upto), epoch)
    assert "is what the log makes it" in told("verify")
    LearnerCheckpoint.objects.all().delete()
    assert keep(Folded(Model(), memory.upto), epoch)
    with pytest.raises(CommandError):
        told("verify")
