"""What an import of posts remembers: which of our rows is which of the source's, and unchanged?"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db.models import Model

from comments.transfer.records import ImportMap, ImportRun

# Ends an identity at the head of a digest: no digest of anything has it.
MARK = ":"


def digest_of(*told: Any, of: str = "") -> str:
    """Return a digest of all that a file says of one thing. `of`: its identity, kept legible."""
    whole = sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()
    return of + MARK + whole[len(of) + 1 :] if of else whole


def identity_in(digest: str) -> str:
    """Return what was remembered of a thing's identity, or nothing."""
    return digest.rpartition(MARK)[0]


@dataclass
class Memory:
    """The map of one source, as one run reads and writes it."""

    run: ImportRun

    def recall(self, kind: str, external_id: str) -> ImportMap | None:
        return ImportMap.objects.of(self.run.source, kind).filter(external_id=external_id).first()

    def keep(
        self,
        kind: str,
        external_id: str,
        row: Model,
        *,
        digest: str = "",
        version: int = 0,
        is_made: bool = True,
    ) -> None:
        """Remember that `row` is what the source calls so; what it was when it was left."""
        facts = {"object_id": row.pk, "digest": digest, "left_at_version": version}
        ImportMap.objects.update_or_create(
            source=self.run.source,
            kind=kind,
            external_id=external_id,
            defaults=facts,
            create_defaults={**facts, "run": self.run, "is_made": is_made},
        )
