"""How hostile strings are tried: what fields take, who sends them, how the pages are judged."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from xml.etree.ElementTree import Element

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from blog.models import Post, validate_body
from comments.forms import make_token
from comments.models import Thread
from tests.cast import make_person
from tests.faults.anatomy import Shape, misdeeds, read, shapes_of
from tests.faults.visitor import text_of

HARMLESS = [f"Plain words, number {number}" for number in range(6)]
EMAIL, WEBSITE = "gus@example.org", "https://gus.example.org/"
QUEUE = "/admin/comments/comment/"
LOG = "/admin/comments/moderationlogentry/"
HTMX = {"HX-Request": "true"}


def accepted(clean: Callable[[str], Any], strings: Iterable[str]) -> list[str]:
    """Return what a field takes, as it takes it."""
    taken = []
    for string in strings:
        try:
            taken.append(clean(string.strip()))
        except ValidationError:
            continue
    return [each for each in taken if each]


def field_of(form: Any, name: str) -> Callable[[str], Any]:
    return form.base_fields[name].clean


def column_of(model: Any, name: str) -> Callable[[str], Any]:
    """Return what judges a column. A post's text is judged by what it is written in."""
    if (model, name) == (Post, "body"):
        return judged_as_markdown
    return lambda string: model._meta.get_field(name).clean(string, None)


def judged_as_markdown(string: str) -> str:
    validate_body(string)
    return string


@dataclass
class Eye:
    """Knows each kind of page by its harmless look; tells what a hostile one has besides."""

    known: dict[str, set[Shape]]

    @classmethod
    def that_knows(cls, *harmless: dict[str, str]) -> "Eye":
        known: dict[str, set[Shape]] = {}
        for pages in harmless:
            for kind, html in pages.items():
                assert not misdeeds(read(html), post=True), kind
                known.setdefault(kind, set()).update(shapes_of(read(html)))
        return cls(known)

    def judge(self, kind: str, html: str, *, post: bool = False) -> Element:
        """Return the page as a browser reads it. Fail on what is not on its harmless sister."""
        document = read(html)
        assert not misdeeds(document, post=post), kind
        strange = shapes_of(document) - self.known[kind]
        assert not strange, f"{kind}: {strange}"
        return document

    def judge_all(self, pages: dict[str, str], *, post: bool = False) -> dict[str, Element]:
        return {kind: self.judge(kind, html, post=post) for kind, html in pages.items()}


def html_of(response: HttpResponse, *statuses: int) -> str:
    assert response.status_code in (statuses or (200,)), response.content.decode()[:3000]
    return response.content.decode()


def sample(things: Sequence[Any], most: int) -> list[Any]:
    """Return at most so many, evenly from all over."""
    return list(islice(things[:: max(1, len(things) // most)], most)) if things else []


def typed_into(document: Element, name: str) -> str:
    """Return what stands in a page's box of that name."""
    for box in document.iter():
        if box.get("name") == name and box.tag in {"textarea", "input"}:
            return text_of(box) if box.tag == "textarea" else box.get("value", "")
    raise AssertionError(f"no box is called {name}")


def author_called(name: str, number: int) -> User:
    author = make_person(f"author{number}", "Author")
    author.display_name = name
    author.full_clean()
    author.save()
    return author


# --- who is there ---------------------------------------------------------------------------------


def browser_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@dataclass
class House:
    """A post with its thread, Alice who wrote it, Mona who edits, and a guest."""

    post: Post
    alice: Client
    mona: Client
    guest: Client

    @classmethod
    def of(cls, alice: User, mona: User, post: Post) -> "House":
        return cls(post, browser_of(alice), browser_of(mona), Client())

    @property
    def thread(self) -> Thread:
        return self.post.thread

    def comment(
        self, client: Client, /, headers: dict[str, str] | None = None, **typed: str
    ) -> Any:
        data = {"name": "Gus", "email": EMAIL, "token": make_token(self.thread), **typed}
        return client.post(reverse("comments:post", args=[self.thread.pk]), data, headers=headers)
