"""Addresses of pictures and links in a text: exchanged for ours, and nothing else touched."""

import pytest

from blog.transfer.text.picture_addresses import link_urls, replace_image_urls

OLD, NEW = "https://o.example/a.pdf", "/media/files/x.pdf"


def test_where_links_lead_is_listed_once() -> None:
    html = '<a href="b">1</a><a name="x">2</a><!-- <a href="c"> --><a href="b">3</a><img src="d">'
    assert link_urls(html) == ["b"]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f'<a href="{OLD}">the paper</a>', f'<a href="{NEW}">the paper</a>'),
        (f'<p><a href="{OLD}">{OLD}</a></p>', f'<p><a href="{NEW}">a.pdf</a></p>'),
        (f'<a href="{OLD}"><em>{OLD}</em></a>', f'<a href="{NEW}"><em>{OLD}</em></a>'),
        (f'<a href="{OLD}?x">{OLD}?x</a>', f'<a href="{OLD}?x">{OLD}?x</a>'),
        (f'<a href="{OLD}" title="t">', f'<a href="{NEW}" title="t">'),
    ],
)
def test_a_link_to_a_file_leads_to_it_here_and_names_it(html: str, expected: str) -> None:
    assert replace_image_urls(html, {OLD: NEW}) == expected


@pytest.mark.parametrize(
    ("href", "is_same"),
    [
        ("http://o.example/a-300x200.jpg?w=9", True),
        ("https://o.example/a.jpg", True),
        ("https://o.example/a-728x90.jpg", False),
        ("https://o.example/a-300x200/", False),
    ],
)
def test_a_link_around_a_picture_follows_it_only_to_the_same_file(href: str, is_same: bool) -> None:
    picture = "https://o.example/a-300x200.jpg"
    changed = replace_image_urls(f'<a href="{href}"><img src="{picture}"></a>', {picture: NEW})
    assert changed == f'<a href="{NEW if is_same else href}"><img src="{NEW}"></a>'


def test_a_link_around_a_picture_to_another_file_of_ours_leads_to_that() -> None:
    new = {"a-300x200.jpg": "/small.jpg", "a.jpg": "/large.jpg"}
    changed = replace_image_urls('<a href="a.jpg"><img src="a-300x200.jpg"></a>', new)
    assert changed == '<a href="/large.jpg"><img src="/small.jpg"></a>'
