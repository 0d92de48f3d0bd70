"""Whose posts and comments came from elsewhere: accounts found, or made so that nobody is lost.

An account is somebody's only if both sides are proved: the other blog vouches for its author, and
here the address was confirmed. Otherwise a new account is made that nobody can sign in to before
they prove its address by resetting its password.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import slugify

from accounts.text import email_key, tidy_address, validate_address
from blog.publishing.addresses import is_free
from blog.transfer.lines import is_visible, tidy_line
from blog.transfer.text.conversion import title_text
from blog.transfer.wordpress.memory import Memory
from blog.transfer.wxr.reading import Author
from comments.models import Comment
from comments.transfer.records import ImportMap
from comments.transfer.report import CREATED, UNCHANGED, Report

KIND = "user"


class BadAuthorMap(ValueError):
    """The file says something of an author that cannot be done; the message names the line."""


def read_author_map(path: Path) -> dict[str, Any]:
    """Read `login,address` lines: whose account here the posts of which author there belong to.

    Raises: BadAuthorMap, OSError.
    """
    owners = {}
    for number, login, address in _author_lines(path):
        owner = get_user_model().objects.with_address(address).first()
        if owner is None:
            raise BadAuthorMap(
                f"{path}, line {number}: nobody here has the address {address}. "
                "Let them sign up first, or leave the line out."
            )
        owners[login] = owner
    return owners


def _author_lines(path: Path) -> Iterator[tuple[int, str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                cells = [cell.strip() for cell in row]
                if not any(cells) or cells[0].startswith("#"):
                    continue
                if len(cells) != 2 or not all(cells):
                    raise BadAuthorMap(f"{path}, line {number}: write login,address")
                yield number, cells[0], cells[1]
    except UnicodeDecodeError as error:
        raise BadAuthorMap(f"{path} is not in UTF-8. Save it as UTF-8 and try again.") from error
    except csv.Error as error:
        raise BadAuthorMap(f"{path} cannot be read as lines of login,address: {error}") from error


class People:
    """The authors of one source, by login, by the number they had there, by address without one.

    `owners` says whose account here is which login's, whatever was decided before.
    """

    def __init__(
        self,
        memory: Memory,
        report: Report,
        host: str,
        owners: dict[str, Any] | None = None,
        *,
        is_from_parley: bool = False,
    ) -> None:
        self.memory = memory
        self.report = report
        self.host = host
        self.owners = owners or {}
        self.is_from_parley = is_from_parley
        self.by_login: dict[str, Any] = {}
        self.by_number: dict[str, Any] = {}
        self.by_address: dict[str, Any] = {}
        # Of accounts that somebody here has, not made for what came.
        self.somebodys: set[int] = set()

    def take(self, author: Author) -> Any:
        """Return the account of an author that a file lists."""
        if author.login not in self.by_login:
            self.by_login[author.login] = self._account(author)
        account = self.by_login[author.login]
        if author.id:
            self.by_number[author.id] = account
        elif author.email:
            self.by_address[email_key(author.email)] = account
        return account

    def named(self, login: str) -> Any:
        """Return the account of an author that a post names, listed or not."""
        return self.by_login.get(login) or self.take(Author(line=0, login=login))

    def commenter(self, number: str, address: str) -> Any | None:
        """Return the account of whom the other blog had signed in, if its files say who that is.

        Where they list their authors without numbers, the address that WordPress noted of somebody
        signed in says it; what a guest typed says nothing.
        """
        if number in {"", "0"}:
            return None
        return self.by_number.get(number) or self.by_address.get(email_key(address))

    def has_moved(self, login: str, author_id: int) -> bool:
        """Tell whether what `author_id` has of this author is by now somebody else's here."""
        account = self.named(login)
        return account.pk in self.somebodys and account.pk != author_id

    def _account(self, author: Author) -> Any:
        external_id = author.login[:200] or "?"
        known = self.memory.recall(KIND, external_id)
        account = self.owners.get(author.login) or _recalled(known) or _proved(author.email)
        if account is None:
            account = self._new_account(author)
            self.memory.keep(KIND, external_id, account)
            self.report.took("users", CREATED)
            return account
        if known is None or known.object_id != account.pk:
            self._give(external_id, account, known)
        elif known.is_made:
            self.report.took("users", UNCHANGED)
            return account
        self.somebodys.add(account.pk)
        self.report.took("users", UNCHANGED)
        return account

    def _give(self, external_id: str, account: Any, known: ImportMap | None) -> None:
        """Remember whose an author's posts are, and give them the comments of a made account.

        Posts follow as they are read. An account that somebody has used keeps what it wrote.
        """
        self.memory.keep(KIND, external_id, account, is_made=False)
        if known is not None and known.is_made:
            ImportMap.objects.filter(pk=known.pk).update(is_made=False)
            unused = get_user_model().objects.filter(pk=known.object_id, last_login=None)
            Comment.objects.filter(author__in=unused).update(author=account)

    def _new_account(self, author: Author) -> Any:
        users = get_user_model()
        name = tidy_line(title_text(author.display_name) or author.login, 80)
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
            slug=self._short_name(author.login),
        )
        account.set_unusable_password()
        account.save()
        return account

    def _short_name(self, login: str) -> str:
        """Return what Parley called an author there, if nobody has it here, or nothing."""
        is_one = self.is_from_parley and re.fullmatch(r"[-a-zA-Z0-9_]{1,100}", login)
        users = get_user_model()
        return login if is_one and is_free(users, login) else ""

    def _nowhere(self, login: str) -> str:
        """Return an address that no letter goes to and that nobody has. Source: RFC 2606."""
        users, number = get_user_model().objects, 1
        stem = slugify(login)[:60] or "author"
        while True:
            address = f"{stem}{'' if number == 1 else f'-{number}'}@{self.host}.invalid"
            if not users.with_address(address).exists():
                return address
            number += 1


def _recalled(known: ImportMap | None) -> Any | None:
    return get_user_model().objects.filter(pk=known.object_id).first() if known else None


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
