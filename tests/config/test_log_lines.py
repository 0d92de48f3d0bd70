"""What is written down of a request opens nothing for whoever reads it."""

import logging

import pytest

from config.log_lines import WithoutSecrets

SECRET = "c2VjcmV0:of-0123456789abcdef"


def written(record):
    """Return a line as the site's own handler writes it."""
    console = [type(each.formatter) is WithoutSecrets for each in logging.getLogger().handlers]
    return logging.getLogger().handlers[console.index(True)].format(record)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (f"/drafts/{SECRET}/", "/drafts/…/"),
        (f"/comments/mine/{SECRET}/", "/comments/mine/…/"),
        ("/comments/7-0123456789abcdef0123/1/", "/comments/7-…/1/"),
        (f"/accounts/password/reset/key/{SECRET}/", "/accounts/password/reset/key/…/"),
        ("/posts/none/", "/posts/none/"),
        ("/comments/7/1/", "/comments/7/1/"),
    ],
)
@pytest.mark.django_db
def test_an_address_that_is_a_secret_is_not_written_down(client, caplog, address, kept):
    client.get(address)
    client.put(address)
    lines = [written(record) for record in caplog.records if record.name == "django.request"]
    assert lines or "reset" in address
    assert all(line.endswith(kept) for line in lines)
    assert SECRET not in "".join(lines)
