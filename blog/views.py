"""What readers read: lists of posts, a post or page with its discussion, the privacy page.

Which posts are public is said in models.py, who may keep a page in caching.py, what stands behind
a password in unlocking.py, and where posts stood before they came here in redirects.py.
"""

from operator import itemgetter
from pathlib import PurePath
from typing import Any

from django.contrib.auth import get_user_model
from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blog import policy, redirects, trees, unlocking
from blog import privacy as facts
from blog.caching import etag_of, is_shared, not_modified, reader_page
from blog.discussion import discuss
from blog.framing import with_frames
from blog.kept import asked_of
from blog.models import Category, Post, PostKind, PostQuerySet, PostStatus, Series, Tag
from blog.states import FINDABLE
from blog.strangers import strangers_page
from comments.markup import is_safe_url
from comments.origin import same_origin_post
from comments.pages import ThreadPage
from comments.paging import Place
from comments.readers import remembered_sort

POSTS_A_PAGE = 10
NEIGHBOURS = ("previous_slug", "previous_title", "next_slug", "next_title")
IN_SERIES = ("parts_before", "parts", "part_before", "part_after")


def home(request: HttpRequest) -> HttpResponse:
    """Show the newest posts, unless a post of an old blog is asked for by its number."""
    if redirects.names_a_post(request):
        raise Http404
    return _newest(request)


@reader_page
def _newest(request: HttpRequest) -> HttpResponse:
    # Those that stay on top do so in the one order that all pages are cut from.
    posts = Post.objects.current().for_listing()
    posts = posts.order_by("-is_sticky", "-published_at", "-pk")
    return render(request, "blog/home.html", {"page": page_of_posts(request, posts)})


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
    categories = trees.all_categories()
    category = next((each for each in categories if each.slug == slug), None)
    if category is None:
        raise Http404
    shelves = [each.pk for each in trees.all_below(category, categories)]
    # As a subquery: a post on two of the shelves is one post.
    on_them = Post.categories.through.objects.filter(category__in=shelves).values("post")
    page = page_of_posts(request, _listed().filter(pk__in=on_them))
    if not page.paginator.count:
        raise Http404
    crumbs = trees.chain_above(category, categories)
    context = {"category": category, "crumbs": crumbs, "page": page}
    return render(request, "blog/category.html", context)


@reader_page
def series(request: HttpRequest, slug: str) -> HttpResponse:
    """Show all public parts of a series in their own order."""
    series = get_object_or_404(Series, slug=slug)
    parts = _listed().filter(series=series).order_by("series_position", "pk")
    if not parts:
        raise Http404
    return render(request, "blog/series.html", {"series": series, "parts": parts})


@reader_page
def pages(request: HttpRequest) -> HttpResponse:
    """Show all pages as the tree they stand in."""
    return render(request, "blog/pages.html", {"lines": trees.outline(trees.public_pages())})


@reader_page
def author(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an author and their posts. Whoever published nothing has no page to be found by."""
    author = get_object_or_404(get_user_model(), slug=slug)
    page = page_of_posts(request, _listed().of(author))
    if not page.paginator.count:
        raise Http404
    website = author.website if is_safe_url(author.website) else ""
    return render(request, "blog/author.html", {"author": author, "website": website, "page": page})


@reader_page
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "blog/privacy.html", facts.in_force())


@with_frames
@reader_page
def post(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a post and a page of its discussion.

    Queries: for a stranger 1, and for the comments 1 or 2, unless the page is kept; up to 3 more
    for the first of them. For a reader with an account 7, whatever is written.
    """
    asked = asked_of(request, slug)
    if asked is None:
        return _page_of(request, _post_or_404(request, PostKind.POST, slug))

    def shell(page: ThreadPage, frame: SafeString) -> str:
        post = public_or_404(PostKind.POST, slug)
        context = _post_context(request, post, page) | {"discussion": frame}
        return render_to_string("blog/post.html", context, request)

    response = strangers_page(request, asked, shell)
    return _kept_off_lists(response) if asked.facts.is_unlisted else response


@with_frames
@reader_page
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a page as a post, and what stands around it. Queries: 2 for who has it; up to 5."""
    return _page_of(request, _post_or_404(request, PostKind.PAGE, slug))


def public_or_404(kind: PostKind, slug: str) -> Post:
    return _the_one(Post.objects.readable(), kind, slug)


def _post_or_404(request: HttpRequest, kind: PostKind, slug: str) -> Post:
    """Return what this reader may read: a private post is its people's and the editors'.

    Queries: 1, and 1 more where an author looks for what is not public.
    """
    try:
        return public_or_404(kind, slug)
    except Http404:
        private = policy.readable_by(request.user).filter(status=PostStatus.PRIVATE)
        return _the_one(private, kind, slug)


def _the_one(posts: PostQuerySet, kind: PostKind, slug: str) -> Post:
    return get_object_or_404(posts.for_reading().with_files().with_labels(), kind=kind, slug=slug)


def _page_of(request: HttpRequest, post: Post) -> HttpResponse:
    response = _shown(request, post)
    return response if post.status in FINDABLE else _kept_off_lists(response)


def _kept_off_lists(response: HttpResponse) -> HttpResponse:
    """Tell search engines what the page's head tells them, where they look before they read."""
    response["X-Robots-Tag"] = "noindex"
    return response


def _shown(request: HttpRequest, post: Post) -> HttpResponse:
    is_private = post.status == PostStatus.PRIVATE
    if not is_private and unlocking.is_locked(request, post):
        return _locked(request, post)
    around = _around(post) if post.kind == PostKind.PAGE else {}
    place = Place.asked_for(request.GET, remembered_sort(request.COOKIES))
    if post.password or is_private:
        response = _made(request, post, place, around)
        patch_cache_control(response, private=True, no_store=True)
        return response
    if not is_shared(request):
        return _made(request, post, place, around)
    etag = etag_of(*_shown_of(post, around), place)
    if (answer := not_modified(request, etag)) is not None:
        return answer
    response = _made(request, post, place, around)
    response["ETag"] = etag
    return response


def _made(request: HttpRequest, post: Post, place: Place, around: dict[str, Any]) -> HttpResponse:
    discussion = discuss(request, post, place)
    context = _post_context(request, post, discussion.page)
    context |= around | {"discussion": discussion.html}
    return render(request, "blog/post.html", context)


# --- behind a password ----------------------------------------------------------------------


@same_origin_post
@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest, kind: PostKind, slug: str) -> HttpResponse:
    """Let in whoever gives a post's password; show the form again to all others."""
    post = public_or_404(kind, slug)
    if request.method != "POST" or not unlocking.is_locked(request, post):
        return redirect(post)
    if request.csrf_failed:  # type: ignore[attr-defined]
        trouble = _("Your sign-in changed since this page was opened. Please send again.")
        return _locked(request, post, trouble=trouble, status=403)
    if unlocking.is_over_the_limit(request, post):
        trouble = _("That was tried too often. Please wait a minute, then try again.")
        return _locked(request, post, trouble=trouble, status=429)
    if not unlocking.opens(request.POST.get("password", ""), post):
        trouble = _("That is not the password. Check capital letters, then try again.")
        return _locked(request, post, trouble=trouble, status=403)
    response = redirect(post)
    response.status_code = 303
    unlocking.remember(response, post)
    return response


def _locked(
    request: HttpRequest, post: Post, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    """Ask for the password. The template is given no more of the post than may be told."""
    names = ("pk", "kind", "status", "title", "slug", "published_at")
    told = {name: getattr(post, name) for name in names}
    told |= {"author_id": post.author_id, "get_absolute_url": post.get_absolute_url()}
    context = {"post": told, "trouble": trouble, "may_write": policy.may_write(request.user, post)}
    response = render(request, "blog/locked.html", context, status=status)
    patch_cache_control(response, private=True, no_store=True)
    return response


# --- what stands on the pages -----------------------------------------------------------------


def _listed() -> PostQuerySet:
    return Post.objects.listed().for_listing()


def page_of_posts(request: HttpRequest, posts: PostQuerySet) -> Page:
    """Return the page asked for. Raises: Http404 for one that is not there."""
    try:
        return Paginator(posts, POSTS_A_PAGE).page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404 from error


def _shown_of(post: Post, around: dict[str, list[Post]]) -> tuple[Any, ...]:
    """Return all that the page shows and that changes without post and thread changing."""
    thread = post.thread
    by_the_clock = (thread.accepts_comments(), thread.closes_soon())
    versions = (post.pk, post.version, thread.version, *by_the_clock)
    beside = [getattr(post, name) for name in (*NEIGHBOURS, *IN_SERIES, "files_count")]
    pages = [[(each.slug, each.title) for each in part] for part in around.values()]
    people = [(person.get_short_name(), person.slug) for person in post.byline()]
    return (*versions, *people, *beside, *pages)


def _around(page: Post) -> dict[str, list[Post]]:
    """Return what a page stands below, and what stands below it. Queries: 1."""
    pages = trees.public_pages()
    below = [each for each in pages if each.parent_id == page.pk]
    return {"crumbs": trees.chain_above(page, pages), "children": below}


def _post_context(request: HttpRequest, post: Post, page: ThreadPage) -> dict[str, Any]:
    return {
        "post": post,
        "may_write": policy.may_write(request.user, post),
        **labels_of(post),
        "downloads": downloads_of(post) if post.files_count else [],  # type: ignore[attr-defined]
        "thread_page": page,
    }


def labels_of(post: Post) -> dict[str, list[Any]]:
    """Return a post's tags and categories, with what links to them. Queries: 1, or none for a
    post that was read with them.

    A page has none: it stands in none of the lists that they lead to.
    """
    if post.kind == PostKind.PAGE:
        return {"tags": [], "categories": []}
    if not hasattr(post, "tag_rows"):
        post = Post.objects.with_labels().get(pk=post.pk)
    return {
        "tags": [Tag(**row) for row in _by_name(post.tag_rows)],  # type: ignore[attr-defined]
        "categories": [Category(**row) for row in _by_name(post.category_rows)],  # type: ignore[attr-defined]
    }


def _by_name(rows: list[dict[str, str]] | None) -> list[dict[str, str]]:
    return sorted(rows or (), key=itemgetter("name", "slug"))


def downloads_of(post: Post) -> list[dict[str, Any]]:
    """Return the files that came with a post and are no pictures; a lost one is not offered."""
    found = []
    for attachment in post.attachments.exclude(file="").order_by("uploaded_at", "pk"):
        file, path = attachment.file, PurePath(str(attachment.file))
        try:
            size = file.size
        except OSError:
            continue
        name, ending = attachment.title or path.name, path.suffix.removeprefix(".").upper()
        found.append({"name": name, "url": file.url, "size": size, "ending": ending})
    return found
