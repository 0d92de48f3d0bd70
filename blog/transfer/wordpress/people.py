"""Whose posts and comments came from elsewhere: accounts found, or made so that nobody is lost.

An account is somebody's only if both sides are proved: the other blog vouches for its author, and
here the address was confirmed. Otherwise a new account is made that nobody can sign in to before
they prove its address by resetting its password.
"""

import csv
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import slugify

from accounts.text import email_key, tidy_address, validate_address
from blog.transfer.lines import is_visible, tidy_line
from blog.transfer.text.conversion import excerpt_text
from blog.transfer.wordpress.memory import Memory
from blog.transfer.wxr.reading import Author
from comments.transfer.report import CREATED, UNCHANGED, Report

KIND = "user"


class BadAuthorMap(ValueError):
    """The file says something of an author that cannot be done; the message names the line."""


def read_author_map(path: Path) -> dict[str, Any]:
    """Read `login,address` lines: whose account here the posts of which author there belong to.

    Raises: BadAuthorMap, OSError.
    """
    owners = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0].startswith("#"):
                continue
            if len(cells) != 2 or not all(cells):
                raise BadAuthorMap(f"{path}, line {number}: write login,address")
            owner = get_user_model().objects.with_address(cells[1]).first()
            if owner is None:
                raise BadAuthorMap(
                    f"{path}, line {number}: nobody here has the address {cells[1]}. "
                    "Let them sign up first, or leave the line out."
                )
            owners[cells[0]] = owner
    return owners


class People:
    """The authors of one source, by login and by the number they had there."""

    def __init__(
        self, memory: Memory, report: Report, host: str, owners: dict[str, Any] | None = None
    ) -> None:
        self.memory = memory
        self.report = report
        self.host = host
        self.owners = owners or {}
        self.by_login: dict[str, Any] = {}
        self.by_number: dict[str, Any] = {}

    def take(self, author: Author) -> Any:
        """Return the account of an author that a file lists."""
        if author.login not in self.by_login:
            self.by_login[author.login] = self._account(author)
        if author.id:
            self.by_number[author.id] = self.by_login[author.login]
        return self.by_login[author.login]

    def named(self, login: str) -> Any:
        """Return the account of an author that a post names, listed or not."""
        return self.by_login.get(login) or self.take(Author(line=0, login=login))

    def numbered(self, number: str) -> Any | None:
        """Return the account of whom the other blog had signed in, if its file says who that is."""
        return self.by_number.get(number)

    def _account(self, author: Author) -> Any:
        external_id = author.login[:200] or "?"
        if (known := self.memory.recall(KIND, external_id)) is not None:
            account = get_user_model().objects.filter(pk=known.object_id).first()
            if account is not None:
                self.report.took("users", UNCHANGED)
                return account
        account = self.owners.get(author.login) or _proved(author.email)
        if account is not None:
            self.memory.keep(KIND, external_id, account, is_made=False)
            self.report.took("users", UNCHANGED)
            return account
        account = self._new_account(author)
        self.memory.keep(KIND, external_id, account)
        self.report.took("users", CREATED)
        return account

    def _new_account(self, author: Author) -> Any:
        users = get_user_model()
        name = tidy_line(excerpt_text(author.display_name) or author.login, 80)
        address = _sound(author.email)
        if address and users.objects.with_address(address).exists():
            self.report.note(
                f"author {author.login}: {address} belongs to an account here whose address is not "
                "proved, so another account was made; --author-map can say whose it is",
                line=author.line or None,
            )
            address = ""
        account = users(
            email=address or self._nowhere(author.login),
            display_name=name if is_visible(name) else "",
        )
        account.set_unusable_password()
        account.save()
        return account

    def _nowhere(self, login: str) -> str:
        """Return an address that no letter goes to and that nobody has. Source: RFC 2606."""
        users, number = get_user_model().objects, 1
        stem = slugify(login)[:60] or "author"
        while True:
            address = f"{stem}{'' if number == 1 else f'-{number}'}@{self.host}.invalid"
            if not users.with_address(address).exists():
                return address
            number += 1


def _proved(address: str) -> Any | None:
    """Return who here has proved to have this address."""
    if not address:
        return None
    user = get_user_model().objects.filter(email_key=email_key(address)).first()
    if user is None:
        return None
    proofs = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True)
    return user if proofs.exists() else None


def _sound(address: str) -> str:
    """Return an address as we keep it, or nothing where no letter could be sent to it."""
    address = tidy_address(address)
    try:
        validate_email(address)
        validate_address(address)
    except ValidationError:
        return ""
    return address
