"""Where a request comes from: what is believed of it, and in which spelling."""

import pytest
from django.test import RequestFactory

from comments.network import client_ip


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("", None),
        ("unix:", None),
    ],
)
def test_an_address_has_one_spelling(told, address):
    assert client_ip(RequestFactory().get("/", REMOTE_ADDR=told)) == address


@pytest.mark.parametrize(
    ("proxies", "address"), [(0, "10.0.0.1"), (1, "192.0.2.7"), (2, "1.2.3.4"), (3, "10.0.0.1")]
)
def test_only_what_our_own_proxies_added_is_believed(settings, proxies, address):
    settings.TRUSTED_PROXY_COUNT = proxies
    told = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.2.3.4, ::ffff:192.0.2.7"}
    assert client_ip(RequestFactory().get("/", **told)) == address
