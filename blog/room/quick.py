"""Quick edit: a post's title, address, labels, state and date, without opening its text.

A page of its own, and a row of the list where a script puts it there. What is written beside a post
stays what it is: the new title goes into that, and not past it.
"""

from copy import copy
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blog import policy, publishing
from blog.forms import SLUG_ERRORS
from blog.models import Category, Post, PostStatus
from blog.moments import MomentField
from blog.publishing import StalePost, parse_tags
from blog.publishing.texts import races_told
from blog.room.answers import REFUSED, state_of
from blog.room.deeds import MOVES_HERE, Deed, Refused, move
from blog.room.guards import for_authors, post_to_write
from blog.room.listing import rows_of
from blog.states import OUT, acts_from
from blog.words import Words, latest_words, packed, working_copy_of


class QuickForm(forms.ModelForm):
    """A post's line in the list, to be changed there."""

    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=800,
        help_text=gettext_lazy("Separated by commas."),
    )
    categories = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Categories"), queryset=Category.objects.all(), required=False
    )
    move = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    at = MomentField(
        label=gettext_lazy("Publish at"),
        required=False,
        help_text=gettext_lazy("Left empty, it is published now."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = Post
        fields = ("title", "slug")
        widgets: ClassVar = {"title": forms.TextInput(attrs={"dir": "auto", "autofocus": True})}

    def __init__(self, data: Any, *, post: Post, person: Any) -> None:
        self.words = latest_words(post)
        shown = copy(post)
        shown.title, shown.slug = self.words["title"], self.words["slug"]
        prefix = f"post{post.pk}"
        super().__init__(data, instance=shown, initial=self._initial(post), auto_id=f"{prefix}-%s")
        self.fields["slug"].required = False
        self.fields["slug"].error_messages |= SLUG_ERRORS
        self.fields["move"].choices = moves_of(post, person)  # type: ignore[attr-defined]
        if len(self.fields["move"].choices) == 1:  # type: ignore[attr-defined]
            del self.fields["move"]
        if not Category.objects.exists():
            del self.fields["categories"]
        if not may_date(post, person):
            del self.fields["at"]

    def _initial(self, post: Post) -> dict[str, Any]:
        return {
            "tags": ", ".join(self.words["tags"]),
            "categories": self.words["categories"],
            "at": post.published_at if post.is_scheduled() else None,
            "version": post.text_version,
        }

    def clean_tags(self) -> list[str]:
        try:
            return parse_tags(self.cleaned_data["tags"].split(","))
        except ValidationError as error:
            raise ValidationError(error.messages) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        is_dated = _is_another(data.get("at"), self.instance)
        if is_dated and data.get("move") not in {"", None, Deed.PUBLISH}:
            self.add_error("at", _("A date goes with publishing alone."))
        return data

    def changed_fields(self) -> dict[str, Any]:
        """Return what differs from what was written last, as publishing/ takes it."""
        data = self.cleaned_data
        typed = {name: data[name] for name in ("title", "slug", "tags")}
        if "categories" in data:
            typed["categories"] = list(data["categories"])
        if not typed["slug"]:
            typed["slug"] = self.words["slug"]
        new = packed(typed)
        return {name: typed[name] for name in typed if new[name] != self.words[name]}


def moves_of(post: Post, person: Any) -> list[tuple[str, Any]]:
    """Return the moves that there are from where a post stands, the first of them none."""
    stays: list[tuple[str, Any]] = [("", state_of(post).capitalize())]
    is_scheduled = post.is_scheduled()
    possible = acts_from(PostStatus(post.status), is_scheduled=is_scheduled)
    open_to = [act for act in possible if policy.may_move(person, post, act)]
    deeds = [Deed(act.value) for act in open_to if act.value in MOVES_HERE]
    return stays + [(deed.value, deed.label) for deed in deeds]


def may_date(post: Post, person: Any) -> bool:
    """Tell whether the moment of publication is still to be chosen."""
    still = post.status != PostStatus.TRASH and not post.is_published()
    return still and policy.may_publish_at_all(person)


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def quick(request: HttpRequest, pk: int) -> HttpResponse:
    post = post_to_write(request.user, pk)
    if request.method != "POST":
        if "row" in request.GET:
            return _row(request, post)
        return _form(request, post, QuickForm(None, post=post, person=request.user))
    form = QuickForm(request.POST, post=post, person=request.user)
    if not form.is_valid():
        return _form(request, post, form, status=REFUSED)
    try:
        said = stored(form, post, request.user, at_once="publish" in request.POST)
    except StalePost as stale:
        return _stale(request, stale.post)
    except Refused as refusal:
        form.add_error(None, str(refusal))
    except ValidationError as error:
        form.add_error(None, " ".join(error.messages))
    else:
        return _done(request, post, said)
    return _form(request, post, form, status=REFUSED)


def stored(form: QuickForm, post: Post, actor: Any, *, at_once: bool) -> str:
    """Write what was changed, then make the move; return what to say. All of it or nothing.

    Raises: StalePost, ValidationError, Refused.
    """
    fields, data = form.changed_fields(), form.cleaned_data
    with races_told(), transaction.atomic():
        said = _written(post, fields, data["version"], actor, at_once) if fields else _("Kept.")
        at: datetime | None = data.get("at")
        deed = data.get("move") or (Deed.PUBLISH if _is_another(at, post) else "")
        if deed == Deed.PUBLISH and at is not None:
            said = _at_its_moment(publishing.schedule(post, actor=actor, at=at))
        elif deed:
            said = _at_its_moment(move(_fresh(post), deed, actor=actor))
    return said


def _written(post: Post, fields: Words, version: int, actor: Any, at_once: bool) -> str:
    beside = working_copy_of(post) is not None
    if post.status not in OUT and not beside:
        publishing.save(post, fields, actor=actor, seen_version=version)
        return _("Saved.")
    publishing.keep(post, fields, actor=actor, seen_version=version, is_saved=True)
    if post.status not in OUT:
        return _("Saved beside the text that is being written.")
    if at_once and not beside:
        publishing.publish_changes(post, actor=actor)
        return _("The change is published.")
    return _("Saved for the next version; readers see it once you publish the changes.")


def _is_another(at: datetime | None, post: Post) -> bool:
    was = post.published_at if post.is_scheduled() else None
    return at is not None and at != (was and was.replace(second=0, microsecond=0))


def _fresh(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)


def _at_its_moment(post: Post) -> str:
    return _("It is %(state)s now.") % {"state": state_of(post)}


# --- answers ------------------------------------------------------------------------------------


def _form(
    request: HttpRequest, post: Post, form: QuickForm, *, status: int = 200, **said: Any
) -> HttpResponse:
    has_copy = working_copy_of(post) is not None
    context = {
        "post": post,
        "form": form,
        "is_out": post.status in OUT,
        "has_copy": has_copy,
        "title": form.words["title"] or str(post),
        **said,
    }
    template = "blog/room/_quick.html" if _is_row(request) else "blog/room/quick.html"
    return render(request, template, context, status=status)


def _stale(request: HttpRequest, current: Post) -> HttpResponse:
    """Answer 409: what stands there now beside what was typed, to be saved knowingly."""
    data = request.POST.copy()
    data["version"] = str(current.text_version)
    form = QuickForm(data, post=current, person=request.user)
    return _form(request, current, form, status=409, stale=form.words)


def _done(request: HttpRequest, post: Post, said: str) -> HttpResponse:
    if _is_row(request):
        return _row(request, post, said)
    messages.success(request, said)
    return redirect("blog:my_posts")


def _row(request: HttpRequest, post: Post, said: str = "") -> HttpResponse:
    (row,) = rows_of([post.pk], request.user)
    context = {"row": row, "said": said, "may_publish": policy.may_publish_at_all(request.user)}
    return render(request, "blog/room/_row.html", context)


def _is_row(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]
