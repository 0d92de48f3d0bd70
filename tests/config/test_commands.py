"""The commands people type: what they set up, what they say, and what they leave behind."""

import contextlib
import os
import re
import runpy
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import servers
from tests.servers import ROOT, PostgresCluster, find_postgres, free_port, site_environment

# What is typed here works on a database of its own, or on none.
pytestmark = pytest.mark.once


def environment(var_dir: Path, **extra: str) -> dict[str, str]:
    """Return the shell's environment without what an outer `make test` has put into it."""
    env = site_environment(var_dir)
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "DB", "ARGS", "CI"):
        env.pop(name, None)
    return env | extra


def make(*arguments: str, cwd: Path = ROOT, env: dict[str, str]) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["make", *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=120
    )


def write_program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def link_programs(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        program = shutil.which(name)
        assert program is not None
        (folder / name).symlink_to(program)


@contextlib.contextmanager
def running_site(env: dict[str, str]) -> Iterator[Path]:
    """Run `make run` until it answers; yield the file with what it says; then press Ctrl-C."""
    said = Path(env["VAR_DIR"]).with_suffix(".log")
    with said.open("w") as log:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 180
        while "Parley is at" not in said.read_text():
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < deadline, said.read_text()
            time.sleep(0.1)
        yield said
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=30)


@pytest.fixture
def in_own_venv() -> None:
    if Path(sys.prefix).resolve() != (ROOT / ".venv").resolve():
        pytest.skip("the tests do not run in .venv, and this one must not make it")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a temporary folder that the account which runs PostgreSQL can enter, too."""
    folder = Path(tempfile.mkdtemp(prefix="parley-open-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


# ---- make run -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("in_own_venv")
def test_run_serves_the_demo_and_a_second_start_keeps_all_data(tmp_path: Path) -> None:
    port = str(free_port())
    env = environment(tmp_path / "var", PORT=port)
    rename = "User.objects.filter(email='bob@example.org').update(display_name='Robert');"
    names = "print(*User.objects.order_by('pk').values_list('display_name', flat=True))"

    with running_site(env) as said:
        first = said.read_text()
        assert httpx.get(f"http://localhost:{port}/").status_code == 200
    before = servers._manage(env, "shell", "--verbosity", "0", "--command", rename + names)
    started = time.monotonic()
    with running_site(env) as said:
        seconds = time.monotonic() - started
        second = said.read_text()
        assert httpx.get(f"http://localhost:{port}/").status_code == 200
    after = servers._manage(env, "shell", "--verbosity", "0", "--command", names)

    for output in (first, second):
        assert f"http://localhost:{port}" in output
        for person in (
            "alice@example.org",
            "carl@example.org",
            "bob@example.org",
            "mona@example.org",
            "parley-demo",
        ):
            assert person in output
    assert "Robert" in before
    assert before == after
    assert "demo content" not in second
    assert seconds < 30


@pytest.mark.usefixtures("in_own_venv")
def test_run_writes_no_demo_into_a_database_that_was_there(tmp_path: Path) -> None:
    env = environment(tmp_path / "var", PORT=str(free_port()))
    servers._manage(env, "migrate", "--no-input", "--verbosity", "0")

    with running_site(env) as said:
        assert "alice@example.org" not in said.read_text()

    count = "print(User.objects.count())"
    assert servers._manage(env, "shell", "--verbosity", "0", "--command", count).strip() == "0"


@pytest.mark.usefixtures("in_own_venv")
def test_run_says_what_to_do_when_the_port_is_taken(tmp_path: Path, site: servers.Site) -> None:
    answer = make("run", env=environment(tmp_path / "var", PORT=str(site.port)))

    assert answer.returncode != 0
    assert "make run PORT=8001" in answer.stdout
    assert not (tmp_path / "var").exists()


# ---- Setting up ---------------------------------------------------------------------------------


def test_make_without_python_says_what_to_install(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    link_programs(tmp_path / "bin", "make", "sh", "rm")

    answer = make("setup", cwd=tmp_path, env={"PATH": str(tmp_path / "bin")})

    assert answer.returncode != 0
    assert "Parley needs Python 3.11 or newer" in answer.stdout


def test_make_with_a_python_that_lacks_venv_says_what_to_install(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    link_programs(tmp_path / "bin", "make", "sh", "rm")
    write_program(tmp_path / "bin" / "python3", 'case "$2" in *venv*) exit 1;; esac')

    answer = make("setup", cwd=tmp_path, env={"PATH": str(tmp_path / "bin")})

    assert answer.returncode != 0
    assert "apt install python3-venv" in answer.stdout


def test_make_that_cannot_install_says_what_to_do_and_tries_again_next_time(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    write_program(tmp_path / ".venv" / "bin" / "python", "echo no network; exit 1")

    first, second = (make("setup", cwd=tmp_path, env=environment(tmp_path)) for _ in range(2))

    for answer in (first, second):
        assert answer.returncode != 0
        assert "Check the network and run make again" in answer.stdout


def test_make_installs_only_when_the_lock_has_changed(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    write_program(tmp_path / ".venv" / "bin" / "python", 'echo "ran: $*"')
    env = environment(tmp_path)

    assert "ran: -m pip install" in make("setup", cwd=tmp_path, env=env).stdout
    assert "ran:" not in make("setup", cwd=tmp_path, env=env).stdout
    with (tmp_path / "requirements" / "run.txt").open("a") as lock:
        lock.write("# another line\n")
    assert "ran: -m pip install" in make("setup", cwd=tmp_path, env=env).stdout


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_locks_pin_by_hash_and_name_no_host_or_path(name: str) -> None:
    lock = (ROOT / "requirements" / name).read_text()
    pins = re.findall(
        r"^([a-z0-9-]+)==\S+.*\\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)", lock, re.M
    )

    assert len(pins) == len(re.findall(r"^[^\s#]", lock, re.M)) > 20
    assert not re.search(r"://|file:|--index|--find-links|--extra|[ =]/", lock)


def test_locks_hold_every_dependency_and_agree_with_each_other() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run, dev = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / "requirements" / name).read_text(), re.M))
        for name in ("run.txt", "dev.txt")
    )
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[\[<>=!~]", dependency)[0] for dependency in wanted}

    assert run <= dev
    assert names <= {pin.split("==")[0] for pin in dev}


# ---- make check, .ci/run ------------------------------------------------------------------------


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """Return a checkout whose tools all succeed and do nothing."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    for tool in ("python", "ruff", "lint-imports", "mypy"):
        write_program(tmp_path / ".venv" / "bin" / tool, 'echo "ran: $*"')
    return tmp_path


def test_check_succeeds_when_every_step_does(stand_in: Path) -> None:
    answer = make("check", cwd=stand_in, env=environment(stand_in))

    assert answer.returncode == 0
    assert "Every check passed." in answer.stdout


def test_check_goes_on_after_a_failure_and_names_it(stand_in: Path) -> None:
    write_program(stand_in / ".venv" / "bin" / "ruff", 'test "$1" = format')
    write_program(stand_in / ".venv" / "bin" / "mypy", "exit 1")

    answer = make("check", cwd=stand_in, env=environment(stand_in))

    assert answer.returncode != 0
    assert "ran: manage.py collectstatic" in answer.stdout
    assert "Not right yet: ruff: lint, types." in answer.stdout


@pytest.mark.parametrize(
    ("broken", "code"), [("none", 0), ("check", 1), ("test", 1), ("check test", 1)]
)
def test_ci_runs_both_commands_and_fails_if_one_does(
    tmp_path: Path, broken: str, code: int
) -> None:
    (tmp_path / ".ci").mkdir()
    script = shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    write_program(tmp_path / ".venv" / "bin" / "python", "exit 0")
    write_program(
        tmp_path / "bin" / "make",
        f'echo "CI=$CI: $*"; case " {broken} " in *" $2 "*) exit 2;; esac',
    )
    env = environment(tmp_path)

    answer = subprocess.run(
        [script],
        env=env | {"PATH": f"{tmp_path / 'bin'}:{env['PATH']}"},
        capture_output=True,
        text=True,
    )

    assert answer.returncode == code, answer.stdout
    assert "CI=true: --no-print-directory check" in answer.stdout
    assert "CI=true: --no-print-directory test" in answer.stdout


# ---- make test ----------------------------------------------------------------------------------


def run_pytest(
    folder: Path, test: str, *arguments: str, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run one test of its own text as the suite would, with the suite's conftest."""
    (folder / "test_sample.py").write_text(test)
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"),
            *("-c", ROOT / "pyproject.toml", folder / "test_sample.py", *arguments),
        ],
        cwd=ROOT,
        env=environment(folder, **env),
        capture_output=True,
        text=True,
    )


SKIPPED = "import pytest\ndef test_it(): pytest.skip('nothing here')\n"


def test_a_skipped_test_fails_the_run_in_ci(tmp_path: Path) -> None:
    answer = run_pytest(tmp_path, SKIPPED, "-n", "1", CI="true")

    assert answer.returncode == 1
    assert "nothing here" in answer.stdout


def test_a_skipped_test_is_only_reported_elsewhere(tmp_path: Path) -> None:
    answer = run_pytest(tmp_path, SKIPPED)

    assert answer.returncode == 0, answer.stdout
    assert "1 skipped" in answer.stdout


def test_the_suite_never_sees_the_data_or_the_secrets_of_the_shell(tmp_path: Path) -> None:
    test = (
        "from django.conf import settings\n"
        "def test_it():\n"
        f"    assert str(settings.VAR_DIR) != {str(tmp_path)!r}\n"
        "    assert settings.SECRET_KEY != 'of-the-shell'\n"
    )

    answer = run_pytest(tmp_path, test, SECRET_KEY="of-the-shell", ALLOWED_HOSTS="example.org")

    assert answer.returncode == 0, answer.stdout


@pytest.fixture
def postgres_programs() -> Path:
    programs = find_postgres()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    return programs


@pytest.mark.usefixtures("postgres_programs")
def test_a_cluster_answers_copies_databases_and_leaves_nothing_behind(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(open_folder))

    with PostgresCluster() as cluster:
        process = cluster._process
        assert process is not None
        cluster.create_database("first")
        url = cluster.create_database("second", template="first")
        servers._execute(url, servers.sql.SQL("SELECT 1"))
        assert list(open_folder.iterdir())

    assert process.poll() is not None
    assert list(open_folder.iterdir()) == []


@pytest.mark.usefixtures("postgres_programs")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_removes_its_cluster(
    open_folder: Path, tmp_path: Path, sign: signal.Signals
) -> None:
    sample = tmp_path / "test_sample.py"
    started = tmp_path / "started"
    sample.write_text(
        f"import pathlib, time\ndef test_it():\n    pathlib.Path({str(started)!r}).touch()\n"
        "    time.sleep(60)\n"
    )
    launcher = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests", "--db", "postgresql", "-p", "tests.conftest"),
            *("-p", "no:cacheprovider", "-n", "0", "-c", str(ROOT / "pyproject.toml"), str(sample)),
        ],
        cwd=ROOT,
        env=environment(tmp_path / "var", TMPDIR=str(open_folder)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not started.exists():
        assert time.monotonic() < deadline
        assert launcher.poll() is None
        time.sleep(0.05)
    assert any(entry.name.startswith("parley-postgres-") for entry in open_folder.iterdir())

    # Ctrl-C goes to all that run in the terminal, a service manager's TERM to the launcher.
    if sign == signal.SIGINT:
        os.killpg(launcher.pid, sign)
    else:
        launcher.send_signal(sign)

    assert launcher.wait(timeout=60) == 130
    assert list(open_folder.iterdir()) == []


# ---- gunicorn -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "bind"),
    [
        ({}, "127.0.0.1:8000"),
        ({"PORT": "9000"}, "127.0.0.1:9000"),
        ({"BIND": "0.0.0.0"}, "0.0.0.0:8000"),
        ({"BIND": "::1", "PORT": "9000"}, "[::1]:9000"),
        ({"BIND": "[::]"}, "[::]:8000"),
        ({"BIND": "", "PORT": ""}, "127.0.0.1:8000"),
    ],
)
def test_gunicorn_listens_where_it_is_told_and_else_on_this_machine_only(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], bind: str
) -> None:
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.delenv("BIND", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    assert runpy.run_path(str(ROOT / "config" / "gunicorn.py"))["bind"] == bind


def test_the_secret_key_is_for_its_owner_only(site: servers.Site) -> None:
    if "SECRET_KEY" in site.env:
        assert not (site.var_dir / "secret_key").exists()
    else:
        assert stat.S_IMODE((site.var_dir / "secret_key").stat().st_mode) == 0o600
