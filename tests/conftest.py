"""What every test stands on: safe settings, real servers, a real browser, the shared data.

The environment is set before Django's settings are read, so that no test ever touches the data
in var/ or a database named in the shell. A test that needs the site served for real asks for
`site` or `new_site`, one that needs a browser for `page` or `new_page`.
"""

import contextlib
import json
import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import caches
from playwright.sync_api import sync_playwright

from tests import servers

# Alice, Bob, Mona and Eve, and a post for them to read.
pytest_plugins = ["tests.cast", "tests.comments.akismet_server"]

ROOT = Path(__file__).resolve().parent.parent
# Each process has a folder of its own, each worker of pytest-xdist too.
VAR_DIR = Path(tempfile.mkdtemp(prefix="parley-tests-"))


def _set_environment() -> None:
    """Set what config/settings.py reads; of the shell's own values only the database counts."""
    database_url = os.environ.get("DATABASE_URL")
    for name in servers.SITE_VARIABLES:
        os.environ.pop(name, None)
    (VAR_DIR / "static").mkdir()
    os.environ["VAR_DIR"] = str(VAR_DIR)
    if database_url:
        os.environ |= {
            "DATABASE_URL": database_url,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1],testserver",
            "HTTPS": "off",
        }


_set_environment()


def pytest_configure(config: pytest.Config) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    # A hash that costs nothing: every test signs somebody up.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # The manifest is made by collectstatic; the tests of the served site have it.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    database = settings.DATABASES["default"]
    if "sqlite3" in database["ENGINE"]:
        # A file, as in real life: SQLite's in-memory database locks by other rules.
        database.setdefault("TEST", {})["NAME"] = str(VAR_DIR / "test.sqlite3")
    # The workers start from here and make an environment of their own.
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure(config: pytest.Config) -> None:
    servers.remove_templates()
    shutil.rmtree(VAR_DIR, ignore_errors=True)


# ---- The run as a whole -------------------------------------------------------------------------


def _counts(config: pytest.Config) -> dict[str, int]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    names = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
    return {name: len(reporter.stats.get(name, ())) for name in names} if reporter else {}


def _skips_are_failures() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _is_worker(session.config):
        return
    counts = _counts(session.config)
    if _skips_are_failures() and counts.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if summary := os.environ.get("PARLEY_TEST_SUMMARY"):
        Path(summary).write_text(json.dumps(counts))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    skipped = terminalreporter.stats.get("skipped", ())
    if _skips_are_failures() and skipped:
        terminalreporter.section("skipped, which CI=true counts as failed", red=True)
        for report in skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            terminalreporter.line(f"{report.nodeid}: {reason}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Leave the outcome on the test, so that a fixture can keep evidence of a failure."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


_FAILED = pytest.StashKey[bool]()


# ---- Every test ---------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _own_files() -> Iterator[None]:
    """Start with an empty cache; what a test uploads or mails goes with the test."""
    caches["default"].clear()
    yield
    shutil.rmtree(VAR_DIR / "media", ignore_errors=True)
    shutil.rmtree(VAR_DIR / "mail", ignore_errors=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real-world texts: PARLEY_TEST_DATA, or ../shared/data."""
    folder = Path(os.environ.get("PARLEY_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no test data in {folder}: set PARLEY_TEST_DATA to the folder that has it")
    return folder


# ---- The site, served ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def server_url() -> str | None:
    """Return the URL of the PostgreSQL of this run, or None when it runs on SQLite."""
    return os.environ.get("DATABASE_URL")


@pytest.fixture(scope="module")
def new_site(server_url: str | None) -> Iterator[Callable[..., servers.Site]]:
    """Return a function that starts another site: `new_site(demo=False, env={...}) -> Site`.

    The sites live until the module's tests are over.
    """
    with contextlib.ExitStack() as sites:

        def start(*, demo: bool = False, env: dict[str, str | None] | None = None) -> servers.Site:
            site = servers.Site(server_url=server_url, demo=demo, env=env)
            sites.callback(site.close)
            return site.start()

        yield start


@pytest.fixture(scope="module")
def site(new_site: Callable[..., servers.Site]) -> servers.Site:
    """Return a running site with an empty database, shared by the tests of one module."""
    return new_site()


@pytest.fixture(scope="session")
def demo_site(server_url: str | None) -> Iterator[servers.Site]:
    """Return a running site with the demo content; to be read, not changed."""
    with servers.Site(server_url=server_url, demo=True) as site:
        yield site


# ---- The browser --------------------------------------------------------------------------------

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Return a headless Chromium (Playwright's Browser), shared by the tests of one module.

    While it lives, Playwright keeps an event loop in this thread, under which Django refuses
    every query and has other connections. So a browser test makes its data through the site
    (its forms, `site.manage`, `site.shell`) and never through the test database.
    """
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium is installed (on Debian or Ubuntu: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page in a browser profile of its own, one a person.

    `new_page(javascript=True, **options) -> Page`, where the options are those of Playwright's
    new_context (viewport, color_scheme, base_url, ...). After the test it fails if a page asked
    anything of another host, broke the content security policy or left a script error behind.
    A failing test leaves a picture of each page in test-results/.
    """
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        pytest.fail("a browser test has no test database: make its data through the site")
    contexts: list[Any] = []
    faults: list[str] = []

    def open_page(*, javascript: bool = True, **options: Any) -> Any:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = chromium.new_context(java_script_enabled=javascript, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.on("request", lambda sent: _note_foreign(sent.url, faults))
        context.on("weberror", lambda error: faults.append(f"script error: {error.error}"))
        context.on("console", lambda message: _note_policy(message.text, faults))
        return context.new_page()

    yield open_page
    if request.node.stash.get(_FAILED, False):
        _keep_pictures(request.node.nodeid, contexts)
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(new_page: Callable[..., Any], request: pytest.FixtureRequest) -> Any:
    """Return a page with JavaScript on; `indirect` parameters "js" and "no-js" choose."""
    return new_page(javascript=getattr(request, "param", "js") == "js")


def _note_foreign(url: str, faults: list[str]) -> None:
    address = urlsplit(url)
    if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in {
        "localhost",
        "127.0.0.1",
    }:
        faults.append(f"asked another host: {url}")


def _note_policy(text: str, faults: list[str]) -> None:
    if "Content Security Policy" in text:
        faults.append(text)


def _keep_pictures(nodeid: str, contexts: list[Any]) -> None:
    folder = ROOT / "test-results"
    folder.mkdir(exist_ok=True)
    name = re.sub(r"[^\w.-]+", "-", nodeid).strip("-")[-150:]
    number = 0
    for context in contexts:
        for page in context.pages:
            number += 1
            with contextlib.suppress(Exception):
                page.screenshot(path=folder / f"{name}-{number}.png", full_page=True)
                print(f"A picture of the page: {folder / f'{name}-{number}.png'}", file=sys.stderr)
