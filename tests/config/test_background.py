"""The thread beside the requests: each of its jobs is there, and none keeps others from work."""

import pytest
from django.utils.module_loading import import_string

from config.background import JOBS, do_all


@pytest.mark.parametrize("path", JOBS)
def test_each_job_can_be_called_with_nothing(path):
    assert callable(import_string(path))


def test_no_job_is_done_twice():
    assert len(JOBS) == len(set(JOBS))


@pytest.mark.django_db(transaction=True)
def test_a_job_that_fails_keeps_none_from_being_done(caplog):
    done = []

    def breaks():
        raise RuntimeError("the disk is full")

    do_all([lambda: done.append("first"), breaks, lambda: done.append("last")])
    assert done == ["first", "last"]
    assert "the disk is full" in caplog.text
