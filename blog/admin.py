"""Posts, tags and pictures in the admin: to be found and looked at.

A post's text and status change in the writing room only, through publishing.py; each post leads
there. Tags and pictures may be mended here, and the posts that show them follow.
"""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from blog.models import Picture, Post, Tag
from blog.publishing import touch_posts_of


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = ["title", "author", "status", "published_at", "comments", "write"]
    list_filter = ["status", "tags"]
    list_select_related = ["author", "thread"]
    search_fields = ["title", "slug", "author__display_name"]
    date_hierarchy = "published_at"
    ordering = ["-updated_at"]
    fields = (
        "write", "title", "slug", "status", "published_at", "author", "excerpt", "tags", "cover",
        "comments", "version", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        return request.user.has_perm("blog.edit_others_posts")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        return super().get_queryset(request).defer("body", "body_html")

    @admin.display(description=_("writing room"))
    def write(self, post: Post) -> SafeString:
        address = reverse("blog:edit", args=[post.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("Write in it"))

    @admin.display(description=_("comments"), ordering="thread__approved_count")
    def comments(self, post: Post) -> int:
        return post.thread.approved_count


class ShownInPosts(admin.ModelAdmin):
    """What posts show: whatever becomes of it, they are other pages than before."""

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            touch_posts_of(obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            touch_posts_of(obj)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            for obj in queryset:
                self.delete_model(request, obj)


@admin.register(Tag)
class TagAdmin(ShownInPosts):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Picture)
class PictureAdmin(ShownInPosts):
    list_display = ["__str__", "width", "height", "uploader", "created_at"]
    list_select_related = ["uploader"]
    search_fields = ["alt", "caption", "file"]
    readonly_fields = ["file", "width", "height", "uploader", "created_at"]

    # A new picture has to pass media.py, so it is added where it is used: in the writing room.
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Picture) -> None:
        file = obj.file
        with transaction.atomic():
            super().delete_model(request, obj)
            transaction.on_commit(partial(file.storage.delete, str(file)), robust=True)
