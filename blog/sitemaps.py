"""What search engines are told to look at: what everybody may read, and nothing else."""

from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import Max, QuerySet

from blog.models import Post, Tag


class PostSitemap(Sitemap):
    def items(self) -> QuerySet[Post]:
        return Post.objects.published().only("slug", "updated_at", "published_at")

    def lastmod(self, post: Post) -> datetime:
        return post.updated_at


class TagSitemap(Sitemap):
    def items(self) -> QuerySet[Tag]:
        public = Tag.objects.filter(posts__in=Post.objects.published())
        return public.annotate(changed_at=Max("posts__updated_at")).order_by("slug")

    def lastmod(self, tag: Tag) -> datetime:
        return tag.changed_at  # type: ignore[attr-defined]


SITEMAPS = {"posts": PostSitemap, "tags": TagSitemap}
