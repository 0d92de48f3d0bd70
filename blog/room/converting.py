"""A post of HTML becomes one of Markdown: first shown side by side, then as a revision of its own.

What it was stays in the history and is restored with what it was written in.
"""

import re
from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blog import publishing
from blog.conversion import Loss, to_markdown, words_of_html
from blog.differences import Stretch, difference, folded
from blog.markup import HTML_TAGS
from blog.markup_html import MAX_LENGTH, is_shown_as_typed, readable_html
from blog.models import Post, RevisionKind
from blog.models.caps import BODY_MAX_LENGTH, validate_body
from blog.publishing import StalePost
from blog.room.answers import REFUSED
from blog.room.guards import for_authors, post_to_write
from blog.states import OUT
from blog.words import laid_over, latest_words
from comments.models import Markup

ELEMENT = re.compile(r"<([a-zA-Z][a-zA-Z0-9-]{0,30})(?=[\s/>])")
TAG = re.compile("<[^<>]*>")
NAME = re.compile(r'( id="| href="#)(?=section-|fn)')
# Boxes around what is shown: nothing goes with them.
BOXES = frozenset([
    "html", "body", "div", "section", "article", "aside", "header", "footer", "main", "nav", "h1",
    "center", "font", "span", "address", "wbr", "picture", "source", "colgroup", "col", "tt", "big",
    "strike", "acronym", "var", "samp", "dfn", "time", "bdi", "bdo", "hgroup",
])  # fmt: skip


@dataclass
class Conversion:
    """What a post would be. Shape: with `trouble` it can be none, and the rest may be empty;
    `unseen` are elements that readers are not shown as it is, `changed` words that would differ.
    """

    before: Post
    after: Post
    lost: tuple[Loss, ...] = ()
    unseen: list[str] = field(default_factory=list)
    changed: list[Stretch] = field(default_factory=list)
    trouble: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def convert(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a post would be as Markdown; make it that when asked to."""
    post = post_to_write(request.user, pk)
    if latest_words(post)["markup"] != Markup.HTML:
        messages.info(request, _("This post is written in Markdown already."))
        return redirect("blog:edit", pk)
    conversion = conversion_of(post)
    if request.method != "POST":
        return conversion_page(request, post, conversion)
    if conversion.trouble:
        return conversion_page(request, post, conversion, status=REFUSED)
    return _converted(request, post, conversion)


def _converted(request: HttpRequest, post: Post, conversion: Conversion) -> HttpResponse:
    seen = request.POST.get("version", "")
    fields = {"body": conversion.after.body, "markup": Markup.MARKDOWN}
    version = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
    kind = RevisionKind.CONVERT
    try:
        post = publishing.write_anew(
            post, fields, actor=request.user, seen_version=version, kind=kind
        )
    except StalePost as stale:
        said = _(
            "This post was changed since you opened this page, so nothing was converted. Below is "
            "what the text that stands now would become."
        )
        conversion = conversion_of(stale.post)
        return conversion_page(request, stale.post, conversion, said=said, status=409)
    except ValidationError as error:
        conversion.trouble = " ".join(error.messages)
        return conversion_page(request, post, conversion, status=REFUSED)
    done = [_("The post is written in Markdown now. Its HTML stays in the history.")]
    if post.status in OUT:
        done.append(_("Readers see nothing of it until you publish the changes."))
    messages.success(request, " ".join(done))
    return redirect("blog:edit", post.pk)


def conversion_page(
    request: HttpRequest, post: Post, conversion: Conversion, *, said: str = "", status: int = 200
) -> HttpResponse:
    is_out = post.status in OUT
    context = {"post": post, "conversion": conversion, "said": said, "is_out": is_out}
    return render(request, "blog/room/convert.html", context, status=status)


# --- what it would be ---------------------------------------------------------------------------


def conversion_of(post: Post) -> Conversion:
    """Return what a post of HTML would be; nothing is stored."""
    before = laid_over(post, latest_words(post))
    after = laid_over(before, {"markup": Markup.MARKDOWN, "body": ""})
    before.body_html = after.body_html = ""
    conversion = Conversion(before, after, unseen=_unseen_in(before.body))
    try:
        _convert(conversion)
    except ValidationError as error:
        conversion.trouble = " ".join(error.messages)
    return conversion


def _convert(conversion: Conversion) -> None:
    """Fill in what a post would be. Raises: ValidationError when it can be none."""
    before, after = conversion.before, conversion.after
    if is_shown_as_typed(before.body):
        raise ValidationError(_too_intricate())
    publishing.typeset_unjudged(before)
    html = readable_html(before.body)
    if len(TAG.sub("", html)) > BODY_MAX_LENGTH:
        most = f"{BODY_MAX_LENGTH:,}"
        message = _("As Markdown the text would be longer than %(most)s characters.")
        raise ValidationError(message % {"most": most})
    converted = to_markdown(html)
    after.body, conversion.lost = converted.markdown, converted.lost
    validate_body(after.body)
    publishing.typeset_unjudged(after)
    conversion.changed = _changed(before.body_html, after.body_html)
    after.body_html = _with_names_apart(after.body_html)


def _with_names_apart(html: str) -> str:
    """Return the HTML with other names for its parts: the same stand beside it on the page."""
    return TAG.sub(lambda tag: NAME.sub(r"\1after-", tag[0]), html)


def _too_intricate() -> str:
    return _(
        "The text is longer than %(most)s characters, or made of too many parts, to be converted "
        "in one go. Please make two posts of it first."
    ) % {"most": f"{MAX_LENGTH:,}"}


def _unseen_in(html: str) -> list[str]:
    names = {name.lower() for name in ELEMENT.findall(html)}
    return sorted(names - HTML_TAGS - BOXES)


def _changed(before: str, after: str) -> list[Stretch]:
    """Return how the words differ that readers read; nothing where they do not."""
    old, new = words_of_html(before), words_of_html(after)
    if "".join(old) == "".join(new):
        return []
    return folded(difference(" ".join(old), " ".join(new)))
