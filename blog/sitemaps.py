"""What search engines are told to look at: what everybody may read and find, nothing else."""

from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import Max, QuerySet

from blog import trees
from blog.models import Category, Post, Series, Tag


class PostSitemap(Sitemap):
    """Posts and pages. One that was scheduled is newer than what was last done to it."""

    def items(self) -> QuerySet[Post]:
        return Post.objects.findable().only("kind", "slug", "updated_at", "published_at")

    def lastmod(self, post: Post) -> datetime:
        return max(post.updated_at, post.published_at or post.updated_at)


class TagSitemap(Sitemap):
    def items(self) -> QuerySet[Tag]:
        public = Tag.objects.filter(posts__in=Post.objects.listed())
        return public.annotate(changed_at=Max("posts__updated_at")).order_by("slug")

    def lastmod(self, tag: Tag) -> datetime:
        return tag.changed_at  # type: ignore[attr-defined]


class CategorySitemap(Sitemap):
    def items(self) -> list[Category]:
        """Return the shelves that hold a post, and those that hold such shelves. Queries: 2."""
        used = set(
            Category.objects.filter(posts__in=Post.objects.listed()).values_list("pk", flat=True)
        )
        categories = trees.all_categories()
        for category in [each for each in categories if each.pk in used]:
            used.update(above.pk for above in trees.chain_above(category, categories))
        return [category for category in categories if category.pk in used]


class SeriesSitemap(Sitemap):
    def items(self) -> QuerySet[Series]:
        public = Series.objects.filter(posts__in=Post.objects.listed())
        return public.annotate(changed_at=Max("posts__updated_at")).order_by("slug")

    def lastmod(self, series: Series) -> datetime:
        return series.changed_at  # type: ignore[attr-defined]


SITEMAPS = {
    "posts": PostSitemap,
    "tags": TagSitemap,
    "categories": CategorySitemap,
    "series": SeriesSitemap,
}
