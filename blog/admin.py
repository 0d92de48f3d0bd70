"""Posts and what stands around them in the admin: to be found and looked at.

A post's text and status change in the writing room only, through publishing.py; each post leads
there. Tags, categories and pictures may be mended here, and the posts that show them follow.
"""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from blog import library
from blog.label_forms import CategoryForm, TagForm
from blog.models import (
    Attachment,
    Category,
    Claim,
    OldAddress,
    Picture,
    Post,
    PublishingLogEntry,
    Tag,
)
from blog.old_paths import normalised
from blog.publishing import relabelling, show_again, touch_posts_of
from blog.transfer import admin as admin_of_imports  # noqa: F401  (registers itself)


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = ["title", "kind", "author", "status", "published_at", "comments", "write"]
    list_filter = ["kind", "status", "categories", "tags"]
    list_select_related = ["author", "thread"]
    search_fields = ["title", "slug", "author__display_name"]
    date_hierarchy = "published_at"
    ordering = ["-updated_at"]
    fields = (
        "write", "kind", "title", "slug", "status", "published_at", "is_sticky", "has_password",
        "author", "excerpt", "parent", "categories", "tags", "cover", "comments", "version",
        "created_at", "updated_at",
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

    @admin.display(description=_("needs a password"), boolean=True)
    def has_password(self, post: Post) -> bool:
        return bool(post.password)

    @admin.display(description=_("comments"), ordering="thread__approved_count")
    def comments(self, post: Post) -> int:
        return post.thread.approved_count


class ShownInPosts(admin.ModelAdmin):
    """What posts show: whatever becomes of it, they are other pages than before."""

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
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


class LabelAdmin(ShownInPosts):
    """A label: what was public under its slug leads to the one it has now, as in the room."""

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        relabelling.rename(obj, actor=request.user)


@admin.register(Tag)
class TagAdmin(LabelAdmin):
    form = TagForm
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class ForEditors(admin.ModelAdmin):
    """Open to whoever may write in the posts of others."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("blog.edit_others_posts")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)


@admin.register(Category)
class CategoryAdmin(ForEditors, LabelAdmin):
    form = CategoryForm
    list_display = ["name", "slug", "parent"]
    list_select_related = ["parent"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class OldAddressForm(forms.ModelForm):
    def clean_path(self) -> str:
        """Take what stands in a browser's line, host and all."""
        typed = urlsplit(self.cleaned_data["path"].strip())
        if path := normalised(typed.path, typed.query):
            return path
        raise ValidationError(gettext("This is the address of no post: it needs a path."))


@admin.register(OldAddress)
class OldAddressAdmin(ForEditors):
    form = OldAddressForm
    list_display = ["path", "post", "created_at"]
    list_select_related = ["post"]
    search_fields = ["path", "post__title"]
    autocomplete_fields = ["post"]

    def save_model(self, request: HttpRequest, obj: OldAddress, form: Any, change: bool) -> None:
        """Give the address for good: what an import claims does not take it back."""
        obj.claim = Claim.GIVEN
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)


@admin.register(PublishingLogEntry)
class PublishingLogEntryAdmin(ForEditors):
    """To be looked at: rows are added by each act, and never changed."""

    list_display = [
        "created_at",
        "post_title",
        "act",
        "states",
        "actor_name",
        "reason",
        "all_of_it",
    ]
    list_filter = ["act", "new_status"]
    search_fields = ["post_title", "actor_name", "reason"]
    date_hierarchy = "created_at"
    ordering = ["-pk"]
    show_full_result_count = False
    fields = (
        "created_at", "post_title", "act", "states", "actor_name", "reason", "detail", "revision",
        "all_of_it",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("from and to"))
    def states(self, entry: PublishingLogEntry) -> str:
        old, new = entry.get_old_status_display(), entry.get_new_status_display()
        return str(new) if old in ("", new) else f"{old} → {new}"

    @admin.display(description=_("all of it"))
    def all_of_it(self, entry: PublishingLogEntry) -> SafeString:
        address = reverse("blog:post_log", args=[entry.post_id])
        return format_html('<a href="{}">{}</a>', address, gettext("The post's log"))


@admin.register(Attachment)
class AttachmentAdmin(ForEditors):
    list_display = ["__str__", "post", "file", "picture", "uploaded_at"]
    list_select_related = ["post", "picture"]
    search_fields = ["title", "source_url", "file", "post__title"]
    fields = (
        "title", "post", "file", "picture", "source_url", "alt", "caption", "description",
        "uploaded_at",
    )  # fmt: skip
    readonly_fields = fields

    # Files come with an import; what a reader sees of one is a line below its post.
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Picture)
class PictureAdmin(ShownInPosts):
    list_display = ["__str__", "width", "height", "uploader", "created_at"]
    list_select_related = ["uploader"]
    search_fields = ["alt", "caption", "credit", "file"]
    readonly_fields = ["file", "width", "height", "uploader", "created_at"]

    # A new picture has to pass media.py, so it is added where it is used: in the writing room.
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            obj.save()
            show_again(obj)

    def delete_model(self, request: HttpRequest, obj: Picture) -> None:
        library.remove(obj)
