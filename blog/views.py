"""What readers read: lists of posts, a post with its discussion, people, tags, the privacy page."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from blog import privacy as facts
from blog.caching import etag_of, is_shared, key_of, not_modified, reader_page
from blog.models import Category, Post, PostKind, PostQuerySet, Tag
from comments.forms import comment_form
from comments.guests import viewer_of
from comments.markup import is_safe_url
from comments.models import Thread
from comments.reading import ThreadPage, has_own, read_page

POSTS_A_PAGE = 10
NEIGHBOURS = ("previous_slug", "previous_title", "next_slug", "next_title")
FRAGMENT_SECONDS = 60 * 60 * 24


@reader_page
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "blog/home.html", {"page": page_of_posts(request, _listed())})


@reader_page
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    tag = get_object_or_404(Tag, slug=slug)
    page = page_of_posts(request, _listed().filter(tags=tag))
    if not page.paginator.count:
        raise Http404
    return render(request, "blog/tag.html", {"tag": tag, "page": page})


@reader_page
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what stands on a shelf and on the shelves within it."""
    category = get_object_or_404(Category, slug=slug)
    page = page_of_posts(request, _listed().filter(categories__in=category.with_descendants()))
    if not page.paginator.count:
        raise Http404
    return render(request, "blog/category.html", {"category": category, "page": page})


@reader_page
def author(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an author and their posts. Whoever published nothing has no page to be found by."""
    author = get_object_or_404(get_user_model(), slug=slug)
    page = page_of_posts(request, _listed().filter(author=author))
    if not page.paginator.count:
        raise Http404
    website = author.website if is_safe_url(author.website) else ""
    return render(request, "blog/author.html", {"author": author, "website": website, "page": page})


@reader_page
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "blog/privacy.html", facts.in_force())


@reader_page
def post(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a post and a page of its discussion.

    Queries: 1 for a reader who has the page already; up to 4 for a stranger, whatever is written.
    """
    return _page_of(request, PostKind.POST, slug)


@reader_page
def page(request: HttpRequest, slug: str) -> HttpResponse:
    return _page_of(request, PostKind.PAGE, slug)


def _page_of(request: HttpRequest, kind: PostKind, slug: str) -> HttpResponse:
    post = get_object_or_404(Post.objects.published().for_reading(), kind=kind, slug=slug)
    number = page_number(request)
    etag = etag_of(*_shown_of(post), number)
    if (answer := not_modified(request, etag)) is not None:
        return answer
    response = render(request, "blog/post.html", _post_context(request, post, number))
    if is_shared(request):
        response["ETag"] = etag
    return response


def _listed() -> PostQuerySet:
    return Post.objects.listed().for_listing()


def page_of_posts(request: HttpRequest, posts: PostQuerySet) -> Page:
    """Return the page asked for. Raises: Http404 for one that is not there."""
    try:
        return Paginator(posts, POSTS_A_PAGE).page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404 from error


def page_number(request: HttpRequest) -> int:
    """Return the page of the discussion asked for; what is no number asks for the first."""
    asked = request.GET.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 6 else 1


def _shown_of(post: Post) -> tuple[Any, ...]:
    """Return all that the page shows and that changes without post and thread changing."""
    versions = (post.pk, post.version, post.thread.version, post.thread.is_open)
    neighbours = [getattr(post, name) for name in NEIGHBOURS]
    return (*versions, post.author.get_short_name(), post.author.slug, *neighbours)


def _post_context(request: HttpRequest, post: Post, number: int) -> dict[str, Any]:
    thread = post.thread
    thread_page, thread_html = discussion(request, thread, number)
    return {
        "post": post,
        "tags": list(post.tags.all()),
        "thread": thread,
        "thread_page": thread_page,
        "thread_html": thread_html,
        "form": comment_form(request, thread) if thread.accepts_comments() else None,
    }


def discussion(request: HttpRequest, thread: Thread, number: int) -> tuple[ThreadPage, SafeString]:
    """Return a page of a thread and its HTML, shared by all who wrote nothing in it.

    Shape: from the cache the page comes without its rows; its HTML has them.
    """
    viewer = viewer_of(request)
    if has_own(thread, viewer):
        page = read_page(thread, number, viewer)
        return page, thread_html_of(page)
    key = "thread:" + key_of(thread.pk, thread.version, thread.accepts_comments(), number)
    if (kept := cache.get(key)) is not None:
        html, number, count = kept
        return ThreadPage(thread, [], number, count), mark_safe(html)
    page = read_page(thread, number)
    html = thread_html_of(page)
    # A number that no page has would be kept beside the page it led to, as often as one likes.
    if page.number == number:
        cache.set(key, (str(html), page.number, page.count), FRAGMENT_SECONDS)
    return page, html


def thread_html_of(page: ThreadPage) -> SafeString:
    """Render the fragment without the request, so that nothing of one reader gets into it."""
    return render_to_string("comments/_thread.html", {"thread_page": page})
