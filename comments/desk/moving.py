"""Moving a branch, over HTTP: to another discussion, named by its page, or to stand by itself."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from comments.desk.answers import MAY_MODERATE, admin_frame, at_card, done_answer, way_back
from comments.desk.forms import parse_seen
from comments.models import Comment, Thread
from comments.moderation import CannotMove, Seen, StaleComment, move_branch
from comments.status import IllegalTransition

MOST_NAMED = 20


class MoveForm(forms.Form):
    """Where a branch goes. The page is named by its address or by words of its title."""

    where = forms.ChoiceField(
        label=gettext_lazy("Where to"),
        choices=[
            ("thread", gettext_lazy("To the discussion of another page")),
            ("itself", gettext_lazy("Let it stand by itself in this discussion")),
        ],
        widget=forms.RadioSelect,
        initial="thread",
    )
    page = forms.CharField(
        label=gettext_lazy("Page"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Its address, or some words of its title."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("For the log; only editors read it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        """Find the discussion. Raises: ValidationError, which names those that could be meant."""
        cleaned = super().clean() or {}
        cleaned["to"] = None
        if cleaned.get("where") == "thread":
            cleaned["to"] = self._thread(cleaned.get("page", "").strip())
        return cleaned

    def _thread(self, page: str) -> Thread | None:
        found = threads_named(page) if page else []
        if len(found) == 1:
            return found[0]
        if not page:
            self.add_error("page", _("Name the page whose discussion it goes to."))
        elif not found:
            self.add_error("page", _("No discussion has this address or these words in its title."))
        else:
            named = ", ".join(f"{thread.title} ({thread.url})" for thread in found)
            message = _("Several are meant; please give the address of one: %(pages)s")
            self.add_error("page", message % {"pages": named})
        return None


def threads_named(page: str) -> list[Thread]:
    """Return the threads with this address, or else those with these words in their titles."""
    try:
        place = urlsplit(page).path
    except ValueError:
        place = ""
    if place.startswith("/") and (thread := Thread.objects.filter(url=place).first()):
        return [thread]
    return list(Thread.objects.filter(title__icontains=page).order_by("-pk")[:MOST_NAMED])


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_MODERATE, raise_exception=True)
def move(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Ask where a comment and all below it is to go, or move it there."""
    comments = Comment.objects.select_related("thread", "parent")
    comment = get_object_or_404(comments, pk=comment_id)
    if request.method != "POST":
        return show(request, comment, MoveForm())
    form, seen = MoveForm(request.POST), parse_seen(request.POST.get("seen"))
    if not form.is_valid():
        return show(request, comment, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    stale = _("Nothing was moved: the comment is no longer what you saw. Please look again.")
    if seen is None:
        return show(request, comment, form, stale, HTTPStatus.CONFLICT)
    to, note = form.cleaned_data["to"], form.cleaned_data["note"]
    try:
        entry = move_branch(comment, to=to, actor=request.user, seen=seen, note=note)
    except StaleComment:
        return show(request, comment, form, stale, HTTPStatus.CONFLICT)
    except (CannotMove, IllegalTransition) as refused:
        return show(request, comment, form, str(refused), HTTPStatus.CONFLICT)
    return done_answer(request, entry, stays=True)


def show(
    request: HttpRequest,
    comment: Comment,
    form: MoveForm,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Answer with the form, bound to the comment as it is now, and what was typed kept."""
    comment = Comment.objects.select_related("thread", "parent").get(pk=comment.pk)
    context = {
        **admin_frame(request),
        "title": _("Move the comment by %(name)s") % {"name": comment.author_name},
        "comment": comment,
        "form": form,
        "problem": problem,
        "seen": Seen.with_parent(comment),
        "below": comment.living_replies,
        "next": way_back(request),
        "back": at_card(way_back(request), comment.pk),
    }
    return render(request, "admin/comments/desk/move.html", context, status=status)


urlpatterns = [path("<int:comment_id>/move/", move, name="desk_move")]
