"""A browser without a screen: httpx that reads the forms of a page and sends them as browsers do.

For tests of the served site that need many requests or malformed ones. Knows nothing of the models;
what stands in a site's database is counted by plain SQL.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin
from xml.etree.ElementTree import Element

import html5lib
import httpx
import psycopg2

from tests.servers import Site

PASSWORD = "correct horse battery"
# name -> role
CAST = {"Alice": "Author", "Bob": "Reader", "Mona": "Editor"}
CONTENT_TABLES = (
    "accounts_user",
    "blog_picture",
    "blog_post",
    "blog_post_tags",
    "blog_tag",
    "comments_comment",
    "comments_commentrevision",
    "comments_moderationlogentry",
    "comments_thread",
)

MAKE_PEOPLE = """
for name, role in {cast}.items():
    address = name.lower() + "@example.org"
    person = User.objects.create_user(address, {password!r}, display_name=name)
    person.groups.set([Group.objects.get(name=role)])
    person.confirm_address()
"""
MAKE_POSTS = """
import json
from blog import publishing
alice = User.objects.get(email="alice@example.org")
made = []
for title in {titles}:
    post = publishing.create_draft(alice, title=title, body="A paragraph to talk about.")
    publishing.publish(post, actor=alice)
    made.append([post.thread_id, post.get_absolute_url()])
print("MADE" + json.dumps(made))
"""


# --- what stands on the site ------------------------------------------------------------------


def make_people(site: Site) -> None:
    """Give the site its cast: Alice who writes, Bob who reads, Mona who edits."""
    site.shell(MAKE_PEOPLE.format(cast=CAST, password=PASSWORD))


def make_posts(site: Site, *titles: str) -> list[tuple[int, str]]:
    """Publish a post of Alice's for each title; return the (thread, address) of each."""
    printed = site.shell(MAKE_POSTS.format(titles=list(titles)))
    return [tuple(made) for made in json.loads(printed.rpartition("MADE")[2])]


@contextlib.contextmanager
def database_of(site: Site) -> Iterator[Any]:
    """Open a cursor on the site's own database, whichever kind it is."""
    url = site.env.get("DATABASE_URL")
    if url:
        connection = psycopg2.connect(url)
    else:
        connection = sqlite3.connect(f"file:{site.var_dir}/parley.sqlite3?mode=ro", uri=True)
    try:
        yield connection.cursor()
    finally:
        connection.close()


def rows_in(site: Site) -> dict[str, int]:
    """Count what is stored, table by table; sessions and the like are not counted."""
    counts = {}
    with database_of(site) as cursor:
        for table in CONTENT_TABLES:
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            counts[table] = cursor.fetchone()[0]
    return counts


# --- pages and forms --------------------------------------------------------------------------


def parse(html: str) -> Element:
    return html5lib.parse(html, namespaceHTMLElements=False)


def text_of(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext())


def classes_of(element: Element) -> list[str]:
    return element.get("class", "").split()


@dataclass
class Form:
    """A form as it stands on a page. Shape: `fields` in page order, names may repeat."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def has(self, name: str) -> bool:
        return name in {each for each, _value in [*self.fields, *self.choices]}

    def filled(self, *extra: tuple[str, str], **values: str) -> list[tuple[str, str]]:
        """Return what is sent when `values` are typed over what stands in the boxes."""
        assert all(map(self.has, values)), f"{set(values)} in {self.fields}"
        kept = [(name, values.get(name, value)) for name, value in self.fields]
        named = {name for name, _value in kept}
        chosen = [(name, value) for name, value in values.items() if name not in named]
        return [*kept, *chosen, *extra]


def forms_of(html: str) -> list[Form]:
    """Return the page's forms with what a browser would send of them untouched."""
    return [_read_form(form) for form in parse(html).iter("form")]


def form_with(html: str, name: str) -> Form:
    """Return the only form that has a field called `name`."""
    found = [form for form in forms_of(html) if form.has(name)]
    assert len(found) == 1, f"{len(found)} forms with a field {name!r}:\n{html[:3000]}"
    return found[0]


def _read_form(element: Element) -> Form:
    form = Form(element.get("action", ""), element.get("method", "get").lower())
    for control in element.iter():
        name = control.get("name", "")
        if not name or control.get("disabled") is not None:
            continue
        if control.tag == "textarea":
            form.fields.append((name, text_of(control)))
        elif control.tag == "select":
            options = list(control.iter("option"))
            chosen = [option for option in options if option.get("selected") is not None]
            for option in chosen or options[:1]:
                form.fields.append((name, option.get("value", text_of(option))))
        elif control.tag == "button" or control.get("type") == "submit":
            form.buttons.append((name, control.get("value", "")))
        elif control.tag == "input":
            _read_input(form, control, name)
    return form


def _read_input(form: Form, control: Element, name: str) -> None:
    kind, value = control.get("type", "text"), control.get("value")
    if kind in {"checkbox", "radio"}:
        kept = form.choices if control.get("checked") is None else form.fields
        kept.append((name, "on" if value is None else value))
    elif kind != "file":
        form.fields.append((name, value or ""))


# --- people -----------------------------------------------------------------------------------


class Visitor:
    """One person's browser: keeps cookies, says where it comes from, follows no redirect."""

    def __init__(self, site: Site, transport: httpx.BaseTransport | None = None) -> None:
        self.site = site
        self.http = httpx.Client(
            base_url=site.url,
            transport=transport,
            trust_env=False,
            timeout=60,
            headers={"User-Agent": "Mozilla/5.0 (a test)", "Accept": "text/html"},
        )

    def get(self, address: str) -> httpx.Response:
        return self.http.get(address)

    def post(self, address: str, pairs: list[tuple[str, str]]) -> httpx.Response:
        """Send a form's pairs as a browser would: every line break is CRLF on the wire."""
        body = urlencode([(_on_the_wire(name), _on_the_wire(value)) for name, value in pairs])
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.site.url,
            "Sec-Fetch-Site": "same-origin",
        }
        return self.http.post(address, content=body.encode("ascii"), headers=headers)

    def send(
        self, page: httpx.Response, form: Form, *extra: tuple[str, str], **values: str
    ) -> httpx.Response:
        address = urljoin(str(page.url), form.action) if form.action else str(page.url)
        return self.post(address, form.filled(*extra, **values))

    def sign_in(self, name: str) -> "Visitor":
        """Go in by the sign-in page, as one of the cast."""
        page = self.get("/accounts/login/")
        form = form_with(page.text, "password")
        answer = self.send(page, form, login=f"{name.lower()}@example.org", password=PASSWORD)
        assert answer.status_code == 302, answer.text
        return self


def _on_the_wire(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
