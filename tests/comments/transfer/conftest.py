"""The command that brings threads, run over what a test says."""

import json
from io import StringIO

import pytest
from django.core.management import call_command


@pytest.fixture
def run(tmp_path):
    """Return a function that runs the command and returns its report."""

    def run(content, name, **options):
        path = tmp_path / "told"
        if isinstance(content, str):
            content = content.encode()
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path = content
        report = tmp_path / "report.json"
        out = StringIO()
        call_command(
            "import_threads", str(path), f"--from={name}", report=report, stdout=out, **options
        )
        return json.loads(report.read_text())

    return run
