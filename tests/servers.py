"""Real servers for the tests: a temporary PostgreSQL, and the site itself on gunicorn.

Everything stands in temporary folders, listens on a free port of this machine's loopback and is
gone afterwards. Only processes started here are ever stopped. Knows nothing of pytest: the
fixtures in conftest.py and the launcher in __main__.py use it.
"""

import contextlib
import functools
import http.client
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from tests.shells import Shell

ROOT = Path(__file__).resolve().parent.parent

# What the settings read. A server under test gets exactly what its test says, never what
# happens to be set in the shell that runs the tests.
SITE_VARIABLES = (
    "ALLOWED_HOSTS",
    "BIND",
    "CACHE_URL",
    "COMMENTS_AKISMET_KEY",
    "DATABASE_URL",
    "DEBUG",
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_URL",
    "GUNICORN_CMD_ARGS",
    "HTTPS",
    "PORT",
    "SECRET_KEY",
    "VAR_DIR",
    "WEB_CONCURRENCY",
)


class ServerError(Exception):
    """A server did not start, or a command of the site failed; the text holds what it said."""


def free_port() -> int:
    """Return a TCP port of the loopback on which nothing listens right now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


# ---- PostgreSQL -------------------------------------------------------------------------------


def find_postgres() -> Path | None:
    """Return the newest installed PostgreSQL's folder of programs, or None."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    folders.sort(key=lambda folder: int(folder.parent.name.split("-")[-1].split(".")[0]))
    if on_path := shutil.which("initdb"):
        folders.insert(0, Path(on_path).resolve().parent)
    for folder in reversed(folders):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


class PostgresCluster:
    """A PostgreSQL of the tests' own: fast, unsafe against power cuts, thrown away at the end.

    `with PostgresCluster() as cluster: cluster.url()`. PostgreSQL refuses to run as root, so
    root runs it as the account that Debian made for it, or as nobody.
    """

    SETTINGS = (
        "fsync=off",
        "full_page_writes=off",
        "synchronous_commit=off",
        "wal_level=minimal",
        "max_wal_senders=0",
        "max_connections=200",
        "shared_buffers=128MB",
        "jit=off",
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
    )

    def __init__(self) -> None:
        self._password = secrets.token_hex(16)
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Make the cluster and wait until it answers.

        Raises: ServerError when PostgreSQL is not installed or does not come up.
        """
        programs = find_postgres()
        if programs is None:
            raise ServerError("PostgreSQL is not installed.")
        self._folder = Path(tempfile.mkdtemp(prefix="parley-postgres-"))
        try:
            self._initialise(programs, self._folder)
            self._serve(programs, self._folder)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server and remove every file of it."""
        if self._process is not None:
            _stop(self._process, signal.SIGINT)
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def url(self, database: str = "postgres") -> str:
        """Return the DATABASE_URL of one database of this cluster."""
        return f"postgres://parley:{self._password}@127.0.0.1:{self._port}/{database}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, as a copy of `template` if given, and return its URL."""
        return create_database(self.url(), name, template)

    def _initialise(self, programs: Path, folder: Path) -> None:
        account = _postgres_account()
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        password_file = folder / "password"
        password_file.write_text(self._password)
        if account is not None:
            os.chown(password_file, account.pw_uid, account.pw_gid)
        command = [
            *(programs / "initdb", "--pgdata", folder / "data", "--username", "parley"),
            *("--pwfile", password_file, "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--no-sync", "--no-instructions"),
        ]
        said = ""
        for locale in (["--locale", "C.UTF-8"], ["--locale", "en_US.UTF-8"], []):
            shutil.rmtree(folder / "data", ignore_errors=True)
            done = subprocess.run(
                [*command, *locale],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                **_as_account(account),
            )
            if done.returncode == 0:
                password_file.unlink()
                return
            said = done.stdout
        raise ServerError(f"initdb did not make a cluster:\n{said}")

    def _serve(self, programs: Path, folder: Path) -> None:
        said = ""
        for _attempt in range(5):
            self._port = free_port()
            options = [part for setting in self.SETTINGS for part in ("-c", setting)]
            with (folder / "log").open("wb") as log:
                self._process = subprocess.Popen(
                    [programs / "postgres", "-D", folder / "data", "-p", str(self._port), *options],
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    # Ctrl-C reaches the tests first; the cluster is stopped after them.
                    start_new_session=True,
                    **_as_account(_postgres_account()),
                )
            if self._answers():
                return
            _stop(self._process, signal.SIGINT)
            said = (folder / "log").read_text(errors="replace")
            if "Address already in use" not in said:
                break
        raise ServerError(f"PostgreSQL did not start:\n{said}")

    def _answers(self) -> bool:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                return False
            try:
                psycopg2.connect(self.url(), connect_timeout=3).close()
            except psycopg2.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False


def create_database(server_url: str, name: str, template: str | None = None) -> str:
    """Create a database on the server of `server_url`, or copy `template`; return its URL."""
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    _execute(server_url, statement)
    return database_url(server_url, name)


def drop_database(server_url: str, name: str) -> None:
    """Drop a database of the server of `server_url`, whoever is still connected to it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    _execute(server_url, statement)


def database_url(server_url: str, name: str) -> str:
    """Return `server_url` with its database replaced by `name`."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def _execute(server_url: str, statement: sql.Composable) -> None:
    connection = psycopg2.connect(database_url(server_url, "postgres"))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def _postgres_account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerError("PostgreSQL refuses to run as root, and there is no account for it.")


def _as_account(account: pwd.struct_passwd | None) -> dict[str, object]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


# ---- The site ---------------------------------------------------------------------------------


class Site:
    """The site as people run it: gunicorn with config/gunicorn.py, its own database and folder.

    With no `server_url` it is the embedded default on SQLite; with one it is the same site on a
    new PostgreSQL database of that server. `env` adds variables (None removes one). With `var_dir`
    it runs on data that is there and stays. `application` is another WSGI program on the same
    gunicorn. Use it as a context manager, or start() and stop() it. `restart()` keeps the data.
    """

    def __init__(
        self,
        *,
        server_url: str | None = None,
        demo: bool = False,
        env: Mapping[str, str | None] | None = None,
        var_dir: Path | None = None,
        application: str = "config.wsgi:application",
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="parley-site-"))
        self.var_dir = var_dir or self.folder / "var"
        self.application = application
        self.port = 0
        self._server_url = server_url
        self._database = f"site_{secrets.token_hex(6)}" if server_url else None
        self._process: subprocess.Popen[bytes] | None = None
        self._shell: Shell | None = None
        if var_dir is None:
            self._furnish(demo=demo)
        self.env = site_environment(self.var_dir, self._database_url())
        for name, value in (env or {}).items():
            if value is None:
                self.env.pop(name, None)
            else:
                self.env[name] = value

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Return the address without a slash at the end."""
        return f"http://localhost:{self.port}"

    @property
    def pid(self) -> int | None:
        """Return the process that started the workers, if it is running."""
        return self._process.pid if self._process else None

    def start(self) -> Self:
        """Start gunicorn and wait until it answers.

        Raises: ServerError with what gunicorn wrote, when it does not come up.
        """
        for _attempt in range(5):
            self.port = self.port or free_port()
            self.env |= {"PORT": str(self.port), "BIND": "127.0.0.1"}
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    [
                        *(sys.executable, "-m", "gunicorn"),
                        *("--config", ROOT / "config" / "gunicorn.py", self.application),
                    ],
                    cwd=ROOT,
                    env=self.env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            if self._answers():
                return self
            self.stop()
            if "in use" not in self.log():
                break
            self.port = 0
        raise ServerError(f"The site did not start:\n{self.log()}")

    def stop(self) -> None:
        """Stop gunicorn; the data and the port stay for a later start()."""
        if self._process is not None:
            # SIGINT is gunicorn's quick way out; SIGTERM would wait for idle connections.
            _stop(self._process, signal.SIGINT, seconds=5)
            self._process = None

    def kill(self) -> None:
        """Stop gunicorn and its workers at once, as a power cut would."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop and start on the same port with the same data."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop, and remove the data."""
        self.stop()
        self._close_shell()
        if self._server_url and self._database:
            drop_database(self._server_url, self._database)
        shutil.rmtree(self.folder, ignore_errors=True)

    def manage(self, *arguments: str, stdin: str | None = None) -> str:
        """Run `manage.py` on this site's data and return what it printed.

        Raises: ServerError with everything it said, when it fails.
        """
        return _manage(self.env, *arguments, stdin=stdin)

    def shell(self, code: str) -> str:
        """Run Python with every model imported on this site's data; return what it printed.

        Raises: ServerError with everything it said, when it fails.
        """
        if self._shell is None or self._shell.env != self.env:
            self._close_shell()
            self._shell = Shell(self.env)
        status, printed, error = self._shell.run(code)
        if status:
            raise ServerError(f"This failed:\n{code}\n{printed}{error}")
        return printed

    def log(self) -> str:
        """Return what gunicorn and the site have written so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _close_shell(self) -> None:
        if self._shell is not None:
            self._shell.close()
            self._shell = None

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _furnish(self, *, demo: bool) -> None:
        """Copy a migrated database and the collected static files into place: quicker than anew."""
        template = _template(self._server_url, demo)
        shutil.copytree(template, self.var_dir)
        if self._server_url and self._database:
            create_database(self._server_url, self._database, _template_name(demo=demo))

    def _database_url(self) -> str | None:
        if self._server_url and self._database:
            return database_url(self._server_url, self._database)
        return None

    def _answers(self) -> bool:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                return False
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                connection.request("GET", "/", headers={"Host": f"localhost:{self.port}"})
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            else:
                return True
            finally:
                connection.close()
        return False


def site_environment(var_dir: Path, database_url: str | None = None) -> dict[str, str]:
    """Return the environment of a site: the embedded default, or a grown one on PostgreSQL."""
    env = {name: value for name, value in os.environ.items() if name not in SITE_VARIABLES}
    env |= {"VAR_DIR": str(var_dir), "PYTHONUNBUFFERED": "1"}
    if database_url is not None:
        env |= {
            "DATABASE_URL": database_url,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "HTTPS": "off",
        }
    return env


@functools.cache
def _template(server_url: str | None, demo: bool) -> Path:
    """Make, once in a process, the folder (and database) that new sites are copied from."""
    folder = Path(tempfile.mkdtemp(prefix="parley-template-"))
    name = _template_name(demo=demo)
    _templates.append((folder, server_url, name))
    if demo:
        shutil.copytree(_template(server_url, False), folder, dirs_exist_ok=True)
    empty = _template_name(demo=False) if demo else None
    url = create_database(server_url, name, empty) if server_url else None
    env = site_environment(folder, url)
    if demo:
        _manage(env, "demo")
    else:
        _manage(env, "migrate", "--no-input", "--verbosity", "0")
        _manage(env, "collectstatic", "--no-input", "--verbosity", "0")
    return folder


_templates: list[tuple[Path, str | None, str]] = []


def remove_templates() -> None:
    """Remove what `Site` copies from; to be called when no site will be made any more."""
    while _templates:
        folder, server_url, name = _templates.pop()
        if server_url:
            drop_database(server_url, name)
        shutil.rmtree(folder, ignore_errors=True)
    _template.cache_clear()


def _template_name(*, demo: bool) -> str:
    return f"site_template_{os.getpid()}{'_demo' if demo else ''}"


def _manage(env: Mapping[str, str], *arguments: str, stdin: str | None = None) -> str:
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        input=stdin if stdin is not None else "",
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ServerError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _stop(process: subprocess.Popen[bytes], sign: signal.Signals, *, seconds: float = 20) -> None:
    """Ask a process that was started here to end, and end its whole group if it does not."""
    if process.poll() is None:
        process.send_signal(sign)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
