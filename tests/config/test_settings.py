"""What the settings make of the environment, each time in a process of its own."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.urls import reverse

from config.embedded import read_or_make_secret_key
from tests.servers import ROOT, SITE_VARIABLES

OUTSIDE = {
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": "blog.example.org, www.example.org",
    "DATABASE_URL": "postgres://parley:pw@db.example.org/parley",
}
SHOWN = """
import json
from django.conf import settings
names = ["IS_EMBEDDED", "ALLOWED_HOSTS", "HTTPS", "DEBUG", "SESSION_COOKIE_SECURE",
         "SECURE_SSL_REDIRECT", "EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_USE_TLS"]
values = {name: getattr(settings, name) for name in names}
database = settings.DATABASES["default"]
values |= {"engine": database["ENGINE"], "options": database.get("OPTIONS", {})}
print(json.dumps(values))
"""


def read_settings(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name not in SITE_VARIABLES}
    env |= {"DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": str(folder), **variables}
    return subprocess.run(
        [sys.executable, "-c", SHOWN], env=env, cwd=ROOT, capture_output=True, text=True
    )


def test_the_embedded_default_needs_no_variable(tmp_path):
    values = json.loads(read_settings(tmp_path / "var").stdout)
    assert values["IS_EMBEDDED"] is True
    assert values["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert (values["DEBUG"], values["HTTPS"]) == (False, False)
    assert values["engine"].endswith("sqlite3")
    assert values["options"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in values["options"]["init_command"]
    assert values["EMAIL_BACKEND"] == "config.mail.FolderBackend"
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600


def test_outside_it_all_is_as_the_variables_say(tmp_path):
    mail = {"EMAIL_URL": "smtp+tls://user:pw@mail.example.org:587"}
    values = json.loads(read_settings(tmp_path, **OUTSIDE, **mail).stdout)
    assert values["IS_EMBEDDED"] is False
    assert values["ALLOWED_HOSTS"] == ["blog.example.org", "www.example.org"]
    assert values["engine"].endswith("postgresql")
    assert values["SESSION_COOKIE_SECURE"] is values["SECURE_SSL_REDIRECT"] is True
    assert (values["EMAIL_HOST"], values["EMAIL_USE_TLS"]) == ("mail.example.org", True)
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize("missing", OUTSIDE)
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_a_variable_that_is_missing_outside_it_is_named_at_start(tmp_path, missing, how):
    given = {name: value for name, value in OUTSIDE.items() if name != missing}
    if how == "empty":
        given[missing] = ""
    refused = read_settings(tmp_path, **given)
    assert refused.returncode != 0
    assert f"Set {missing}:" in refused.stderr


def test_the_secret_key_is_made_once_however_many_start_together(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _number: read_or_make_secret_key(tmp_path), range(8)))
    assert len(keys) == 1
    assert len(keys.pop()) > 60
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize("path", ["/nowhere/", "/posts/nothing/", "/comments/999/1/"])
@pytest.mark.django_db
def test_an_error_page_says_what_to_do_and_sets_no_cookie(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()
    assert not client.cookies


@pytest.mark.django_db
def test_the_admin_sends_strangers_to_the_one_sign_in_and_back(client):
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert "next=/admin/" in response.redirect_chain[-1][0]
    elsewhere = client.get(reverse("admin:login") + "?next=https://evil.example/")
    assert "evil" not in elsewhere["Location"]
