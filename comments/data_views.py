"""How comment data is processed, over HTTP: the page for everybody, and one's own comments with
what is kept of each and what left this site for it.
"""

from datetime import timedelta

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import conditional_page, require_safe

from comments import disclosure, ledger
from comments.guests import viewer_of
from comments.models import Comment, DiscussionRules

PER_PAGE = 20


@conditional_page
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Say how comments are processed by the settings in force. Known by its ETag, and asked after
    each time: a rule that changes is told at once. Queries: 1.
    """
    response = render(request, "comments/data.html", disclosure.in_force())
    is_shared = settings.SESSION_COOKIE_NAME not in request.COOKIES
    whose = {"public": True} if is_shared else {"private": True}
    patch_cache_control(response, max_age=0, must_revalidate=True, **whose)
    patch_vary_headers(response, ["Cookie"])
    return response


@require_safe
def own_data(request: HttpRequest) -> HttpResponse:
    """Show readers their own comments, what is kept of each, and what left this site for it.

    A guest is known by the cookie that came with the comment. Queries: 4, and the session's own.
    """
    page = _page_of(request, _own_comments(request))
    rules = DiscussionRules.in_force()
    context = {
        "page": page,
        "rows": _rows(page, timedelta(days=rules.keep_facts_days)),
        **disclosure.facts(rules),
    }
    response = render(request, "comments/own_data.html", context)
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["Cookie"])
    return response


def _own_comments(request: HttpRequest) -> QuerySet[Comment]:
    own = viewer_of(request).own_comments
    comments = Comment.objects.filter(own) if own is not None else Comment.objects.none()
    return comments.select_related("thread").order_by("-created_at", "-pk")


def _page_of(request: HttpRequest, comments: QuerySet[Comment]) -> Page[Comment]:
    return Paginator(comments, PER_PAGE).get_page(request.GET.get("page"))


def _rows(page: Page[Comment], kept: timedelta) -> list[dict[str, object]]:
    comments = list(page)
    sent = ledger.sent_of(comments) if comments else {}
    return [
        {
            "comment": comment,
            "cleared_at": comment.created_at + kept,
            "sent": sent.get(comment.pk, []),
        }
        for comment in comments
    ]
