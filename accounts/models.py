"""The user: signs in by e-mail address, is seen under a display name.

What a user may do is a matter of groups and permissions (the roles stand in `blog`, the top).
"""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.renaming import is_free
from accounts.text import (
    ADDRESS_MAX_LENGTH,
    email_key,
    tidy_address,
    validate_address,
    validate_single_line,
    validate_visible,
)

ADDRESS_TAKEN = _("Somebody with this e-mail address is already here.")


class UserManager(BaseUserManager["User"]):
    def with_address(self, address: str) -> models.QuerySet["User"]:
        """Who has this address, however it is spelled: nobody or one."""
        return self.filter(email_key=email_key(address))

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email_key=email_key(username or ""))

    async def aget_by_natural_key(self, username: str | None) -> "User":
        return await self.aget(email_key=email_key(username or ""))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make and save a user; without a password nobody can sign in as them yet."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user who may do everything; who has the shell need not prove an address."""
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        user.confirm_address()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(
        _("e-mail address"),
        max_length=ADDRESS_MAX_LENGTH,
        unique=True,
        validators=[validate_address],
        error_messages={"unique": ADDRESS_TAKEN},
    )
    # One account an address, however it is spelled.
    email_key = models.CharField(max_length=ADDRESS_MAX_LENGTH, unique=True, editable=False)
    display_name = models.CharField(
        _("display name"),
        max_length=80,
        blank=True,
        validators=[validate_single_line, validate_visible],
        help_text=_("Shown beside everything you write here."),
    )
    slug = models.SlugField(
        _("short name"), max_length=100, unique=True, help_text=_("In the address of their page.")
    )
    bio = models.TextField(_("about you"), max_length=600, blank=True)
    website = models.URLField(
        _("website"), blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.get_short_name()

    def clean(self) -> None:
        """Refuse an address that somebody has under another spelling.

        Raises: ValidationError on `email`.
        """
        self.email = tidy_address(self.email)
        if User.objects.with_address(self.email).exclude(pk=self.pk).exists():
            raise ValidationError({"email": ValidationError(ADDRESS_TAKEN, "unique")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Derive `email_key` and, once, `slug`; keep the address tidy, as allauth's tables do."""
        self.email = tidy_address(self.email)
        self.email_key = email_key(self.email)
        if not self.slug:
            self.slug = self._free_slug()
        if (update_fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*update_fields, "email", "email_key", "slug"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("blog:author", args=[self.slug])

    def get_full_name(self) -> str:
        return self.get_short_name()

    def get_short_name(self) -> str:
        """Return the name to show; never any part of the address, which is nobody's business."""
        return self.display_name or _("Reader %(number)s") % {"number": self.pk}

    def confirm_address(self) -> None:
        """Take the address as proved without a letter: on the word of the shell or an admin."""
        EmailAddress.objects.filter(user=self).exclude(email=self.email).delete()
        EmailAddress.objects.update_or_create(
            user=self, email=self.email, defaults={"verified": True, "primary": True}
        )

    def _free_slug(self) -> str:
        wanted = slugify(self.display_name)[:80] or "reader"
        if not User.objects.filter(slug=wanted).exists() and is_free(self, wanted):
            return wanted
        return f"{wanted}-{get_random_string(6, 'abcdefghjkmnpqrstuvwxyz23456789')}"
