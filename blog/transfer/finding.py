"""Where a page was to be read before it came here, for those who know only threads.

Named in settings.COMMENTS_THREAD_FINDERS; comments/transfer/addresses.py asks.
"""

from blog.models import OldAddress
from blog.redirects import normalised
from comments.models import Thread


def thread_of_old_path(path: str, query: str) -> Thread | None:
    """Return the thread of the post that was to be read there, public or not. Queries: 0 or 1."""
    wanted = normalised(path, query)
    if not wanted:
        return None
    old = OldAddress.objects.filter(path=wanted).select_related("post__thread").first()
    return old.post.thread if old else None
