"""People in the admin: who they are, what they may do, whether they may sign in.

Nobody gains rights here that they lack, nor gives them: whoever looks after people hands out the
roles that hold no more than they may themselves, and touches nobody who may do what they may not,
since who sets a password can sign in with it. Single rights are a superuser's to give.
"""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.forms import UserChangeForm as DjangoUserChangeForm
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.leaving import leaving
from accounts.models import User
from accounts.renaming import check_slug, renamed

# What a person's address is, and whether it is proved, is said on the person's own page.
admin.site.unregister(EmailAddress)


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "display_name")


class UserChangeForm(DjangoUserChangeForm):
    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if "slug" in self.changed_data:
            try:
                check_slug(self.instance, slug)
            except ValidationError as error:
                raise ValidationError(error.messages) from error
        return slug


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    list_display = ("email", "display_name", "is_confirmed", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    search_fields = ("email", "email_key", "display_name", "slug")
    ordering = ("-date_joined", "-pk")
    readonly_fields = ("is_confirmed", "last_login", "date_joined")
    actions = ("activate", "deactivate", "confirm_addresses")
    fieldsets = (
        (None, {"fields": ("email", "is_confirmed", "password")}),
        (_("As others see them"), {"fields": ("display_name", "slug", "bio", "website")}),
        (
            _("What they may do"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "display_name", "usable_password", "password1", "password2")}),
    )
    RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        proof = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
        return super().get_queryset(request).annotate(is_confirmed=Exists(proof))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), *self._closed_rights(request, obj))

    def _closed_rights(self, request: HttpRequest, person: User | None) -> tuple[str, ...]:
        if request.user.is_superuser:
            return ()
        # One's own roles are somebody else's to change: nobody shuts themselves out by a slip.
        is_self = person is not None and person.pk == request.user.pk
        return tuple(right for right in self.RIGHTS if right != "groups" or is_self)

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer, and take, no role with a right that the actor lacks."""
        if db_field.name == "groups" and not request.user.is_superuser:
            beyond = Permission.objects.exclude(pk__in=_rights_of(request.user))
            kwargs["queryset"] = Group.objects.exclude(permissions__in=beyond)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return _may_touch(request.user, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return _may_touch(request.user, obj) and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        with leaving([obj.pk]):
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        with leaving(list(queryset.values_list("pk", flat=True))):
            super().delete_queryset(request, queryset)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if change and "slug" in form.changed_data:
                renamed(obj, form.initial["slug"])
        if change and "email" in form.changed_data:
            # The old address opens this account no longer; the new one is yet to be proved.
            EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()

    @admin.display(description=_("address confirmed"), boolean=True, ordering="is_confirmed")
    def is_confirmed(self, user: User) -> bool:
        return user.is_confirmed  # type: ignore[attr-defined]

    @admin.action(description=_("Let the selected people sign in"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset.filter(is_active=False), True)

    @admin.action(description=_("Lock the selected people out"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        others = [user for user in queryset.filter(is_active=True) if user != request.user]
        self._set_active(request, others, False)

    @admin.action(
        description=_("Take the selected people's addresses as confirmed"), permissions=["change"]
    )
    def confirm_addresses(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people = self._touchable(request, queryset)
        for user in people:
            user.confirm_address()
            self.log_change(request, user, _("Address confirmed."))
        self._report(request, len(people))

    def _set_active(self, request: HttpRequest, asked: Iterable[User], value: bool) -> None:
        people = self._touchable(request, asked)
        for user in people:
            user.is_active = value
            user.save(update_fields=["is_active"])
            self.log_change(request, user, _("Activated.") if value else _("Deactivated."))
        self._report(request, len(people))

    def _touchable(self, request: HttpRequest, asked: Iterable[User]) -> list[User]:
        return [user for user in asked if self.has_change_permission(request, user)]

    def _report(self, request: HttpRequest, count: int) -> None:
        words = ngettext("%(count)d person changed.", "%(count)d people changed.", count)
        self.message_user(request, words % {"count": count})


def _may_touch(actor: Any, person: User | None) -> bool:
    """Tell whether a person may do nothing that the actor may not, once they are let in."""
    if person is None or actor.is_superuser:
        return True
    if person.is_superuser or (person.is_staff and not actor.is_staff):
        return False
    return _rights_of(person) <= _rights_of(actor)


def _rights_of(person: Any) -> set[int]:
    """Return the permissions a person holds, locked out or not; has_perm() tells of none then."""
    holds = Q(user=person.pk) | Q(group__user=person.pk)
    return set(Permission.objects.filter(holds).values_list("pk", flat=True))
