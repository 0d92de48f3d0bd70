"""What a reader's browser does with the forms: sends them, and shows what came back in the box."""

import html5lib
from django.urls import reverse

from comments.forms import make_token

WORDS = "A thought, “as typed” — 😀 שלום <b> & co"
HTMX = {"HX-Request": "true"}


def fields(thread, body=WORDS, **others):
    return {
        "name": "Gus",
        "email": "gus@example.org",
        "body": body,
        "token": make_token(thread),
        **others,
    }


def post(client, thread, body=WORDS, headers=None, **others):
    address = reverse("comments:post", args=[thread.pk])
    return client.post(address, fields(thread, body, **others), headers=headers)


def address_of(name, thread, number=1):
    return reverse(f"comments:{name}", args=[thread.pk, number])


def parsed(response):
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def textarea(response):
    """Return what stands in the page's comment box, as a browser would show it."""
    boxes = [box for box in parsed(response).iter("textarea") if box.get("name") == "body"]
    assert len(boxes) == 1, response.content.decode()[:2000]
    return boxes[0].text or ""


def hidden(response, name):
    """Return the one value that the page's forms carry under a name."""
    (value,) = {
        field.get("value")
        for form in parsed(response).iter("form")
        if "link-button" not in "".join(b.get("class", "") for b in form.iter("button"))
        for field in form.iter("input")
        if field.get("name") == name
    }
    return value
