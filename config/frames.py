"""Room for the frames of a request, so that the interpreter does not fetch it again at each call.

CPython 3.11 and later keep the frames of Python functions in pieces of memory of 16 KB, and give a
piece back as soon as its first frame ends. A page whose templates happen to call across such an
edge asks the system for memory thousands of times: one page of the desk took 1.3 to 2.5 times as
long for it, depending on nothing but how deep in the stack it was drawn. CPython 3.13.13 and 3.14.4
keep one piece back (python/cpython, gh-142183). Before them, one wide frame below the others has
the interpreter fetch a large piece, of which all the rest of a request is served.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# Places of a frame's stack, of 8 bytes each. A little more than half a MB makes the piece 1 MB,
# and what is left of it is more than a request was ever seen to use.
PLACES = 2**16


def with_room(function: Callable[P, R]) -> Callable[P, R]:
    """Wrap a function so that all it calls finds room in one piece of memory."""

    def roomy(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    roomy.__code__ = roomy.__code__.replace(co_stacksize=PLACES)
    return roomy
