"""A model as bytes and back, bit for bit: what a checkpoint keeps.

Shape: a magic, the two versions, a digest of all that follows, then the compressed parts. Only
slots that something was learnt of are kept. What cannot be read raises, and never gives half a
model.
"""

import hashlib
import struct
import zlib
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comments.spam.learner.features import SLOTS, VERSION
from comments.spam.learner.model import WINDOW, Judged, Lesson, Model

MAGIC = b"PARLEYLEARNER\n"
LAYOUT = 1
HEAD = struct.Struct("<HH32s")
COUNTS = struct.Struct("<4Q")
COUNTED = ("ham", "spam", "features_of_ham", "features_of_spam")
LENGTH = struct.Struct("<Q")
TABLES = ("<i4", "<u2", "<u2")
# Quicker by far than the best, and hardly larger: the numbers are close together by then.
EFFORT = 1


class DamagedModel(ValueError):
    """These bytes are no model, or one of other features. Fold the decisions anew."""


def dump(model: Model) -> bytes:
    packed = zlib.compress(b"".join(_framed(part) for part in _parts(model)), EFFORT)
    return MAGIC + HEAD.pack(LAYOUT, VERSION, hashlib.sha256(packed).digest()) + packed


def load(state: bytes) -> Model:
    """Raises: DamagedModel."""
    packed = _verified(bytes(state))
    try:
        return _model(list(_unframed(zlib.decompress(packed))))
    except (zlib.error, struct.error, ValueError, IndexError, MemoryError) as error:
        raise DamagedModel(f"The state of the model cannot be read: {error}.") from error


def _verified(state: bytes) -> bytes:
    begin = len(MAGIC) + HEAD.size
    if len(state) < begin or not state.startswith(MAGIC):
        raise DamagedModel("This is not the state of a model.")
    layout, features, digest = HEAD.unpack(state[len(MAGIC) : begin])
    if (layout, features) != (LAYOUT, VERSION):
        raise DamagedModel(f"This state is of version {layout}.{features}, not {LAYOUT}.{VERSION}.")
    if hashlib.sha256(state[begin:]).digest() != digest:
        raise DamagedModel("The state of the model is damaged: its digest is another one.")
    return state[begin:]


def _parts(model: Model) -> Iterator[bytes]:
    yield COUNTS.pack(*(getattr(model, name) for name in COUNTED))
    used = (model.in_ham != 0) | (model.in_spam != 0)
    slots = np.flatnonzero(used).astype(np.uint32)
    yield _steps(slots)
    for dtype, table in zip(TABLES, _tables(model), strict=True):
        yield table[slots].astype(dtype).tobytes()
    yield np.array([(row.score, row.middle) for row in model.judged], "<f8").tobytes()
    yield bytes(row.is_spam for row in model.judged)
    yield bytes(lesson.is_spam for lesson in model.lessons)
    yield np.array([len(lesson.slots) for lesson in model.lessons], "<u4").tobytes()
    yield b"".join(_steps(lesson.slots) for lesson in model.lessons)


def _model(parts: list[bytes]) -> Model:
    counts, slots, *tables, scores, spam, lessons, lengths, of_lessons = parts
    model = Model()
    for name, count in zip(COUNTED, COUNTS.unpack(counts), strict=True):
        setattr(model, name, count)
    for dtype, table, part in zip(TABLES, _tables(model), tables, strict=True):
        table[_from_steps(slots)] = np.frombuffer(part, dtype)
    pairs = np.frombuffer(scores, "<f8").reshape(-1, 2).tolist()
    judged = (
        Judged(score, bool(is_spam), middle)
        for (score, middle), is_spam in zip(pairs, spam, strict=True)
    )
    model.judged = deque(judged, maxlen=WINDOW)
    ends = np.cumsum(np.frombuffer(lengths, "<u4"))
    each = np.split(np.frombuffer(of_lessons, "<u4"), ends[:-1]) if len(ends) else []
    model.lessons = [
        Lesson(np.cumsum(steps, dtype=np.uint32), bool(is_spam))
        for steps, is_spam in zip(each, lessons, strict=True)
    ]
    return model


def _tables(model: Model) -> tuple[NDArray[Any], ...]:
    return model.weights, model.in_ham, model.in_spam


def _steps(slots: NDArray[np.uint32]) -> bytes:
    """Write how far each is from the one before: small numbers, which are packed well."""
    return np.diff(slots, prepend=np.uint32(0)).astype("<u4").tobytes()


def _from_steps(steps: bytes) -> NDArray[np.uint32]:
    slots = np.cumsum(np.frombuffer(steps, "<u4"), dtype=np.uint32)
    if len(slots) and slots[-1] >= SLOTS:
        raise ValueError("a slot beyond the table")
    return slots


def _framed(part: bytes) -> bytes:
    return LENGTH.pack(len(part)) + part


def _unframed(parts: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(parts):
        (length,) = LENGTH.unpack_from(parts, at)
        at += LENGTH.size
        yield parts[at : at + length]
        at += length
