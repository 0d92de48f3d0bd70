"""A draft under review: submitted, talked about, approved as it was read or given back."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from blog import letters, publishing
from blog.models import Act, Picture, Post, PostStatus, PublishingLogEntry, ReviewNote
from comments.models import OutgoingLetter
from comments.outgoing import send_due_letters
from tests.blog.in_state import put
from tests.blog.pictures import upload
from tests.cast import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(make_post, carl):
    return make_post(published=False, author=carl, title="Draft", body="First one.\n\nSecond one.")


@pytest.fixture
def waiting(post, carl):
    return publishing.submit(post, actor=carl)


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def read(client, post, query=""):
    response = client.get(f"/write/{post.pk}/review/{query}")
    return response, BeautifulSoup(response.content, "html5lib")


def press(client, post, action, /, **typed):
    response = client.post(f"/write/{post.pk}/review/", {"action": action} | typed)
    return response, BeautifulSoup(response.content, "html5lib")


def seen_by(client, post):
    return read(client, post)[1].select_one(".decision [name=seen]")["value"]


def keep(post, actor, **fields):
    current = Post.objects.get(pk=post.pk)
    return publishing.keep(current, fields, actor=actor, seen_version=current.text_version)


def acts(post):
    return list(PublishingLogEntry.objects.filter(post=post).order_by("pk").values_list("act"))


def status_of(post):
    return Post.objects.get(pk=post.pk).status


# --- submitting ---------------------------------------------------------------------------------


def test_a_contributor_submits_what_was_written_last(carl, post):
    keep(post, carl, body="Newer.")
    response, _page = press(signed_in(carl), post, "submit")
    assert response.status_code == 303
    post = Post.objects.get()
    assert (post.status, post.body) == (PostStatus.REVIEW, "Newer.")
    assert acts(post)[-1] == (Act.SUBMIT,)


def test_twice_is_once_and_the_editors_hear_of_it_once(carl, mona, post):
    client = signed_in(carl)
    press(client, post, "submit")
    press(client, post, "submit")
    assert acts(post).count((Act.SUBMIT,)) == 1
    letter = OutgoingLetter.objects.get()
    assert letter.to == "mona@example.org"
    assert f"/write/{post.pk}/review/" in letter.body
    assert "Draft" in letter.subject


@pytest.mark.parametrize("button", ["review/", ""])
def test_of_two_clicks_in_one_moment_the_editors_hear_once(carl, mona, post, monkeypatch, button):
    """Both have read the post as a draft before either of them submits it."""
    client, twin = signed_in(carl), signed_in(carl)
    form = {"action": "submit", "title": "Draft", "body": "One.", "version": post.text_version}
    submit = publishing.submit

    def after_the_twin(post, **facts):
        monkeypatch.undo()
        press(twin, post, "submit")
        return submit(post, **facts)

    monkeypatch.setattr(publishing, "submit", after_the_twin)
    assert client.post(f"/write/{post.pk}/{button}", form).status_code in (302, 303)
    assert acts(post).count((Act.SUBMIT,)) == 1
    assert OutgoingLetter.objects.count() == 1


@pytest.mark.parametrize(
    ("teller", "typed"),
    [
        ("tell_of_approval", {"action": "approve"}),
        ("tell_of_return", {"action": "return", "reason": "Shorter."}),
    ],
)
def test_nothing_is_decided_that_nobody_would_be_told_of(mona, waiting, monkeypatch, teller, typed):
    """A process that ends between the two leaves it waiting, to be decided again."""

    def ends(*_args, **_facts):
        raise SystemExit

    client, seen = signed_in(mona), seen_by(signed_in(mona), waiting)
    monkeypatch.setattr(letters, teller, ends)
    with pytest.raises(SystemExit):
        client.post(f"/write/{waiting.pk}/review/", typed | {"seen": seen})
    assert status_of(waiting) == PostStatus.REVIEW


@pytest.mark.parametrize(("field", "words"), [("title", "title"), ("body", "Write something")])
def test_there_must_be_something_to_judge(carl, make_post, field, words):
    post = make_post(published=False, author=carl, **{field: ""})
    response, _page = press(signed_in(carl), post, "submit")
    assert response.status_code == 422
    assert words in response.text
    assert status_of(post) == PostStatus.DRAFT


def test_it_is_taken_back(carl, waiting):
    press(signed_in(carl), waiting, "withdraw")
    assert status_of(waiting) == PostStatus.DRAFT
    press(signed_in(carl), waiting, "withdraw")
    assert waiting.log.filter(act=Act.WITHDRAW).count() == 1


def test_its_author_goes_on_writing_while_it_waits(carl, waiting):
    keep(waiting, carl, body="Better.")
    assert status_of(waiting) == PostStatus.REVIEW


# --- deciding -------------------------------------------------------------------------------------


def test_an_editor_publishes_the_text_that_was_read(carl, mona, waiting):
    client = signed_in(mona)
    keep(waiting, carl, body="Better.")
    seen = seen_by(client, waiting)
    response, _page = press(client, waiting, "approve", seen=seen)
    assert response.status_code == 303
    post = Post.objects.get()
    assert (post.status, post.body) == (PostStatus.PUBLISHED, "Better.")
    assert [letter.to for letter in OutgoingLetter.objects.all()] == ["carl@example.org"]


@pytest.mark.parametrize("action", ["approve", "schedule"])
def test_the_letter_about_an_approval_leads_where_its_author_may_look(carl, mona, waiting, action):
    client = signed_in(mona)
    at = f"{timezone.localtime() + timedelta(days=2):%Y-%m-%dT%H:%M}"
    press(client, waiting, action, seen=seen_by(client, waiting), at=at)
    lines = OutgoingLetter.objects.get().body.split()
    (address,) = [line for line in lines if line.startswith("http://testserver/")]
    response = signed_in(carl).get(address.removeprefix("http://testserver"))
    assert response.status_code == 200
    assert "Draft" in response.text


def test_what_was_written_since_is_shown_and_not_published(carl, mona, waiting):
    client = signed_in(mona)
    seen = seen_by(client, waiting)
    keep(waiting, carl, body="First one.\n\nSecond one, slyly changed.")
    response, page = press(client, waiting, "approve", seen=seen)
    assert response.status_code == 409
    assert status_of(waiting) == PostStatus.REVIEW
    assert "slyly changed" in page.select_one(".difference ins").text
    newer = page.select_one(".decision [name=seen]")["value"]
    assert press(client, waiting, "approve", seen=newer)[0].status_code == 303
    assert "slyly" in Post.objects.get().body


def test_what_was_read_is_known_by_its_revision_when_the_cache_forgot(carl, mona, waiting):
    client = signed_in(mona)
    seen = seen_by(client, waiting)
    keep(waiting, carl, body="First one.\n\nSecond one, changed.")
    cache.clear()
    _response, page = press(client, waiting, "approve", seen=seen)
    assert "changed" in page.select_one(".difference ins").text


def test_a_reason_and_a_moment_come_back_when_the_text_was_another(carl, mona, waiting):
    client = signed_in(mona)
    seen = seen_by(client, waiting)
    keep(waiting, carl, body="Changed.")
    at = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    response, page = press(client, waiting, "schedule", seen=seen, at=at, reason="Half a wish")
    assert response.status_code == 409
    assert page.select_one("[name=at]")["value"] == at
    assert page.select_one("[name=reason]").text.strip() == "Half a wish"


def test_an_editor_schedules_the_text_that_was_read(mona, waiting):
    client = signed_in(mona)
    at = (timezone.localtime() + timedelta(days=2)).replace(second=0, microsecond=0)
    seen = seen_by(client, waiting)
    press(client, waiting, "schedule", seen=seen, at=at.strftime("%Y-%m-%dT%H:%M"))
    post = Post.objects.get()
    assert post.is_scheduled()
    assert post.published_at == at


@pytest.mark.parametrize("at", ["", "2001-01-01T00:00", "soon"])
def test_a_moment_that_cannot_be_is_refused(mona, waiting, at):
    client = signed_in(mona)
    seen = seen_by(client, waiting)
    response, page = press(client, waiting, "schedule", seen=seen, at=at, reason="Kept")
    assert response.status_code == 422
    assert page.select_one("[name=reason]").text.strip() == "Kept"
    assert status_of(waiting) == PostStatus.REVIEW


def test_an_editor_asks_for_changes_and_the_author_reads_why(carl, mona, waiting):
    client = signed_in(mona)
    reason = "Shorter, <b>please</b>."
    press(client, waiting, "return", seen=seen_by(client, waiting), reason=reason)
    assert status_of(waiting) == PostStatus.DRAFT
    entry = PublishingLogEntry.objects.latest("pk")
    assert (entry.act, entry.reason, entry.actor) == (Act.RETURN, reason, mona)
    _response, page = read(signed_in(carl), waiting)
    assert reason in page.select_one(".alert").text
    form = BeautifulSoup(signed_in(carl).get(f"/write/{waiting.pk}/").content, "html5lib")
    assert reason in form.select_one(".alert").text
    letter = OutgoingLetter.objects.get()
    assert letter.to == "carl@example.org"
    assert reason in letter.body
    press(signed_in(carl), waiting, "submit")
    assert reason not in read(signed_in(carl), waiting)[0].text


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 1001])
def test_a_wish_for_changes_has_words_and_not_too_many(mona, waiting, reason):
    client = signed_in(mona)
    response, _page = press(client, waiting, "return", seen="1", reason=reason)
    assert response.status_code == 422
    assert reason.strip() in response.text
    assert status_of(waiting) == PostStatus.REVIEW


@pytest.mark.parametrize("action", ["approve", "return"])
def test_of_two_editors_the_slower_is_told(mona, ada, waiting, action):
    first, second = signed_in(mona), signed_in(ada)
    seen = seen_by(second, waiting)
    press(first, waiting, "return", seen=seen, reason="Shorter.")
    response, _page = press(second, waiting, action, seen=seen, reason="Longer.")
    assert response.status_code == 409
    assert "The post is a draft now" in response.text
    assert acts(waiting).count((Act.RETURN,)) == 1
    assert status_of(waiting) == PostStatus.DRAFT


@pytest.mark.parametrize("action", ["approve", "schedule", "return"])
@pytest.mark.parametrize("name", ["carl", "zoe"])
def test_who_may_not_decide_is_told_and_keeps_the_words(carl, alice, waiting, action, name):
    zoe = make_person("Zoe", "Author")
    publishing.save(waiting, {"coauthors": [zoe]}, actor=carl, seen_version=waiting.text_version)
    person = {"carl": carl, "zoe": zoe}[name]
    response, _page = press(
        signed_in(person), waiting, action, seen="3", reason="Mine to say.", body="And a note."
    )
    assert response.status_code == 403
    assert "not open to your account" in response.text
    assert "And a note." in response.text
    assert status_of(waiting) == PostStatus.REVIEW


def test_a_mail_server_that_is_down_stops_nobody(carl, mona, post, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    response, _page = press(signed_in(carl), post, "submit")
    assert response.status_code == 303
    assert send_due_letters() == 0
    assert OutgoingLetter.objects.get().sent_at is None


# --- notes ----------------------------------------------------------------------------------------


def note(client, post, query, body, /, **changed):
    _response, page = read(client, post, query)
    fields = {tag["name"]: tag.get("value", "") for tag in page.select("#note-form input")}
    return press(client, post, "note", **(fields | {"body": body} | changed))


def test_an_editor_notes_on_a_paragraph_without_a_script(mona, waiting):
    client = signed_in(mona)
    _response, page = read(client, waiting)
    link = page.select_one("#paragraph-1 a.note-link")
    assert "Second one." in link.text
    response, _page = note(client, waiting, link["href"].partition("#")[0], "Which second?")
    left = ReviewNote.objects.get()
    assert response["Location"].endswith(f"#note-{left.pk}")
    assert (left.author, left.author_name, left.quote) == (mona, "Mona", "Second one.")
    _response, page = read(client, waiting)
    assert page.select_one("#paragraph-1 .note-body").text == "Which second?"


def test_the_author_answers_beside_it(carl, mona, waiting):
    note(signed_in(mona), waiting, "?paragraph=1", "Which second?")
    first = ReviewNote.objects.get()
    note(signed_in(carl), waiting, f"?answer={first.pk}", "The one after.")
    _response, page = read(signed_in(mona), waiting)
    said = [each.text for each in page.select("#paragraph-1 .note-body")]
    assert said == ["Which second?", "The one after."]


def test_notes_are_put_aside_and_taken_up_again(carl, mona, waiting):
    note(signed_in(mona), waiting, "?note=whole", "Nice.")
    client, left = signed_in(carl), ReviewNote.objects.get()
    press(client, waiting, "aside", note=left.pk)
    left.refresh_from_db()
    assert left.resolver == carl
    assert "Put aside by Carl" in read(client, waiting)[0].text
    press(client, waiting, "again", note=left.pk)
    left.refresh_from_db()
    assert (left.resolver, left.resolved_at) == (None, None)


def test_a_note_goes_where_its_paragraph_went(carl, mona, waiting):
    for index, body in enumerate(["On the first.", "On the second."]):
        note(signed_in(mona), waiting, f"?paragraph={index}", body)
    keep(waiting, carl, body="New.\n\nSecond one, more or less.\n\nOther.")
    _response, page = read(signed_in(mona), waiting)
    assert page.select_one("#paragraph-1 .note-body").text == "On the second."
    changed = page.select_one("section[aria-labelledby=notes-changed]")
    assert changed.select_one(".note-body").text == "On the first."
    assert changed.select_one(".note-quote").text == "First one."


def test_what_a_note_says_is_nothing_but_words(mona, waiting):
    note(signed_in(mona), waiting, "?note=whole", "<script>x</script>\n\nTwo lines")
    _response, page = read(signed_in(mona), waiting)
    assert "<script>x</script>" in page.select_one(".note-body").text
    assert not page.select(".note-body script")


def test_a_note_that_is_refused_comes_back_in_its_box(mona, waiting):
    response, page = note(signed_in(mona), waiting, "?paragraph=1", "x" * 2001)
    assert response.status_code == 422
    assert len(page.select_one("#paragraph-1 #note-form textarea").text.strip()) == 2001


@pytest.mark.parametrize("field", ["author", "author_name", "post", "share_link", "resolved_at"])
def test_a_note_takes_no_field_that_is_none_of_its(mona, waiting, field):
    response, page = note(signed_in(mona), waiting, "?note=whole", "Words.", **{field: "1"})
    assert response.status_code == 422
    assert page.select_one("#note-form textarea").text.strip() == "Words."
    assert not ReviewNote.objects.exists()


def test_the_same_form_makes_one_note(mona, waiting):
    client = signed_in(mona)
    _response, page = read(client, waiting, "?note=whole")
    fields = {tag["name"]: tag.get("value", "") for tag in page.select("#note-form input")}
    for _time in range(2):
        press(client, waiting, "note", **fields, body="Once.")
    assert ReviewNote.objects.count() == 1


@pytest.mark.parametrize("action", ["aside", "again"])
@pytest.mark.parametrize("number", ["theirs", "", "x", "9" * 30])
def test_a_note_of_another_post_is_none_of_this_one(carl, mona, make_post, waiting, action, number):
    other = make_post(published=False)
    note(signed_in(mona), other, "?note=whole", "Elsewhere.")
    left = ReviewNote.objects.get()
    value = left.pk if number == "theirs" else number
    response, _page = press(signed_in(carl), waiting, action, note=value)
    assert response.status_code == 422
    left.refresh_from_db()
    assert left.resolved_at is None
    assert read(signed_in(carl), waiting, f"?answer={value}")[0].text.count("Elsewhere.") == 0


def test_who_was_signed_out_meanwhile_has_the_words_back(waiting):
    response, _page = press(Client(), waiting, "note", body="Precious.", reason="Also precious.")
    assert response.status_code == 403
    assert "Precious." in response.text
    assert "Also precious." in response.text
    assert "no-store" in response["Cache-Control"]


def test_who_may_write_there_no_more_has_the_words_back(carl, waiting):
    client = signed_in(carl)
    put(waiting, "published")
    response, _page = press(client, waiting, "note", body="Precious.")
    assert response.status_code == 404
    assert "Precious." in response.text


def test_the_sign_in_changed_and_the_words_come_back(mona, waiting):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mona)
    response, page = press(client, waiting, "note", body="Precious.")
    assert response.status_code == 403
    assert page.select_one("#note-form textarea").text.strip() == "Precious."


def test_a_button_that_is_not_there_does_nothing(mona, waiting):
    response, _page = press(signed_in(mona), waiting, "delete", body="Precious.")
    assert response.status_code == 422
    assert "Precious." in response.text


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_takes_as_many_queries_for_many_notes(
    mona, waiting, django_assert_max_num_queries, count
):
    client = signed_in(mona)
    for number in range(count):
        ReviewNote.objects.create(
            post=waiting, quote="Second one.", paragraph=1, body=f"N {number}",
            author=mona, author_name="Mona", resolver=mona,
        )  # fmt: skip
    read(client, waiting)
    with django_assert_max_num_queries(16):
        assert len(read(client, waiting)[1].select(".note")) == count


# --- the door itself ------------------------------------------------------------------------------


def test_approving_another_text_than_was_read_is_stale(carl, mona, waiting):
    with pytest.raises(publishing.StalePost):
        publishing.approve(waiting, actor=mona, seen_version=waiting.text_version + 1)


def test_what_does_not_wait_is_not_approved(mona, post):
    with pytest.raises(publishing.IllegalMove):
        publishing.approve(post, actor=mona, seen_version=post.text_version)


# --- from the form --------------------------------------------------------------------------------


def test_a_contributor_submits_from_the_form_what_is_typed_there(carl, mona, post):
    client = signed_in(carl)
    page = BeautifulSoup(client.get(f"/write/{post.pk}/").content, "html5lib")
    assert page.select_one("button.primary[value=submit]")
    assert not page.select("button[value=publish]")
    data = {"title": "Typed", "body": "Just now.", "version": post.text_version, "action": "submit"}
    told = client.post(f"/write/{post.pk}/", data, follow=True)
    assert "it waits for an editor" in told.text
    now = Post.objects.get()
    assert (now.title, now.body, now.status) == ("Typed", "Just now.", PostStatus.REVIEW)
    assert OutgoingLetter.objects.get().to == mona.email


def test_a_new_post_is_submitted_in_one_go(carl):
    data = {"title": "Typed", "body": "Just now.", "version": 0, "action": "submit"}
    assert signed_in(carl).post("/write/new/", data).status_code == 302
    assert Post.objects.get().status == PostStatus.REVIEW


def test_what_cannot_be_judged_is_not_submitted_and_comes_back(carl, post):
    data = {"title": "", "body": "Precious.", "version": post.text_version, "action": "submit"}
    response = signed_in(carl).post(f"/write/{post.pk}/", data)
    assert response.status_code == 422
    assert "Precious." in response.text
    assert status_of(post) == PostStatus.DRAFT


def test_open_notes_stand_beside_the_form(carl, mona, waiting):
    note(signed_in(mona), waiting, "?paragraph=1", "Which second?")
    client = signed_in(carl)
    page = BeautifulSoup(client.get(f"/write/{waiting.pk}/").content, "html5lib")
    assert "Which second?" in page.select_one(".open-notes").text
    press(client, waiting, "aside", note=ReviewNote.objects.get().pk)
    page = BeautifulSoup(client.get(f"/write/{waiting.pk}/").content, "html5lib")
    assert not page.select(".open-notes")


@pytest.mark.parametrize("field", ["picture", "cover_file"])
def test_a_contributor_uploads_nothing_by_the_form_and_keeps_the_words(carl, post, field):
    data = {"title": "T", "body": "Precious.", "version": post.text_version, "action": "save"}
    words = {"picture_alt": "A loaf", "cover_alt": "A loaf"}
    response = signed_in(carl).post(f"/write/{post.pk}/", data | words | {field: upload()})
    assert response.status_code == 403
    assert "Precious." in response.text
    assert "may not upload" in response.text
    assert not Picture.objects.exists()


def test_who_saves_while_it_is_published_writes_nothing_to_readers(carl, mona, waiting):
    """The look-up was before the editor's act, the write after it."""
    opened = Post.objects.get(pk=waiting.pk)
    publishing.approve(waiting, actor=mona, seen_version=waiting.text_version)
    with pytest.raises(publishing.StalePost):
        publishing.save(opened, {"body": "Sly."}, actor=carl, seen_version=opened.text_version)
    assert Post.objects.get().body == "First one.\n\nSecond one."
