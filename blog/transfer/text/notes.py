"""What was left out of a text on its way, said once each, for the report."""

MOST_NOTES = 100
LONGEST_NOTE = 80


class Notes:
    """Keeps each note once, in the order they came; hostile text makes no endless list."""

    def __init__(self) -> None:
        self._notes: dict[str, None] = {}

    def add(self, note: str) -> None:
        """Say that something was left out."""
        if len(self._notes) < MOST_NOTES:
            self._notes[note[:LONGEST_NOTE]] = None

    def all(self) -> tuple[str, ...]:
        """Return what was said."""
        return tuple(self._notes)
