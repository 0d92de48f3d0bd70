"""Where a page was to be read before it came here, for those who know only threads.

Named in settings.COMMENTS_THREAD_FINDERS; comments/transfer/addresses.py asks.
"""

from blog.models import OldAddress
from blog.old_paths import spellings
from comments.models import Thread


def thread_of_old_path(path: str, query: str) -> Thread | None:
    """Return the thread of the post that was to be read there, public or not. Queries: 0 or 1."""
    wanted = spellings(path, query)
    old = OldAddress.objects.filter(path__in=wanted).select_related("post__thread")
    found = {each.path: each.post.thread for each in old} if wanted else {}
    return next((found[each] for each in wanted if each in found), None)
