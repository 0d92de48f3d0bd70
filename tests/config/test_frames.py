"""What a request calls finds room in one piece of memory, however deep in the stack it is."""

import sys
import threading

import pytest

from config import wsgi
from config.frames import PLACES, with_room


def test_what_is_wrapped_is_called_as_it_was():
    assert with_room(sorted)([2, 1], reverse=True) == [2, 1]
    with pytest.raises(ZeroDivisionError):
        with_room(lambda: 1 / 0)()


def test_every_request_that_reaches_django_has_the_room():
    django = wsgi.application.application
    assert django.__code__.co_stacksize == PLACES
    assert "with_room" in django.__qualname__


def test_the_room_is_there_in_every_thread_and_for_deep_calls():
    def down(levels):
        return levels and 1 + down(levels - 1)

    def deep(into):
        into.append(with_room(down)(sys.getrecursionlimit() // 2))

    found = []
    threads = [threading.Thread(target=deep, args=[found]) for _thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [sys.getrecursionlimit() // 2] * 4
