"""Every picture of the demo by its name: `draw("night_train")` returns a PNG, 1600 wide, the same bytes each time.

The drawings stand in `scenes.py` and `figures.py`; this module is what the post files' names are checked against.
"""

from collections.abc import Callable

from blog.demo import figures, scenes

DRAWINGS: dict[str, Callable[[], bytes]] = {
    name: getattr(module, name) for module in (scenes, figures) for name in module.__all__
}


def draw(name: str) -> bytes:
    """Draw the named picture as PNG.

    Raises: KeyError when no drawing has that name.
    """
    return DRAWINGS[name]()
