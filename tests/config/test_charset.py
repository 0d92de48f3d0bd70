"""What claims to be something else than UTF-8 is refused before Django tries to read it."""

import pytest

from config.charset import utf8_only


def answer(content_type):
    statuses = []
    application = utf8_only(lambda environ, start_response: [b"reached"])
    body = application(
        {"CONTENT_TYPE": content_type}, lambda status, headers: statuses.append(status)
    )
    return statuses, b"".join(body)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "text/plain; charset=utf8",
    ],
)
def test_utf_8_and_no_word_about_it_reach_the_site(content_type):
    assert answer(content_type) == ([], b"reached")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain; charset=utf-16", "text/plain; charset=idna", "text/plain; charset*=foo''%41"],
)
def test_anything_else_is_refused(content_type):
    statuses, body = answer(content_type)
    assert statuses == ["415 Unsupported Media Type"]
    assert b"UTF-8" in body
