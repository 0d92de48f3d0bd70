"""How gunicorn serves Parley: a few processes of several threads, on this machine only.

Read with `gunicorn --config config/gunicorn.py config.wsgi:application`. PORT and BIND say where
it listens, WEB_CONCURRENCY how many processes it runs; every other option of gunicorn can be
given in GUNICORN_CMD_ARGS, which wins over this file. Knows nothing of Django's settings.
"""

import os
from pathlib import Path
from typing import Any

_host = os.environ.get("BIND") or "127.0.0.1"
_port = os.environ.get("PORT") or "8000"

bind = f"[{_host}]:{_port}" if ":" in _host.strip("[]") else f"{_host}:{_port}"
bind = bind.replace("[[", "[").replace("]]", "]")

# A thread that waits for the database or for a slow reader costs little; a process costs memory.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = 4

# Loaded once and then forked: a quick start, and the processes share the code's memory.
preload_app = True

# A process is renewed now and then, so that nothing that leaks can grow for ever, and not often:
# the pages that it holds go with it. The jitter keeps them from being renewed all at once.
max_requests = 50_000
max_requests_jitter = 5_000

timeout = 30
graceful_timeout = 15
keepalive = 5

# What a browser needs, with room to spare; more is refused before any of our code runs.
limit_request_line = 4_094
limit_request_fields = 64
limit_request_field_size = 8_190

# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# Nothing is written to the home directory, and nobody needs to steer a running server by socket.
control_socket_disable = True

# Requests are not written down; errors are, to stderr.
accesslog = None
errorlog = "-"
loglevel = "warning"


def when_ready(server: Any) -> None:
    """Say where the site is to be found, once it really listens."""
    host = "localhost" if _host in {"127.0.0.1", "0.0.0.0", "::", "[::]", "::1"} else _host  # noqa: S104
    print(f"Parley is at http://{host}:{_port} (Ctrl-C stops it).", flush=True)


def post_worker_init(worker: Any) -> None:
    """Let each process do what is due beside requests. The application is loaded by now."""
    # This file is read before there are settings; Django is not to be imported with it.
    from config.background import start_working  # noqa: PLC0415

    start_working()
