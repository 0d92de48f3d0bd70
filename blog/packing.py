"""A page compressed once and sent to many, with a few bytes in it that are another's each time.

A gzip stream is blocks of deflate with a checksum of all that they hold. What stands before and
after the bytes that differ is compressed apart; between them goes a block that is stored as it is.
Source: RFC 1951 (deflate), RFC 1952 (gzip).
"""

import zlib
from dataclasses import dataclass

HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
LEVEL = 6
RAW = -zlib.MAX_WBITS
MOST_STORED = 0xFFFF


@dataclass(frozen=True)
class Packed:
    """Shape: `head` is a gzip stream up to the end of a block, `tail` the blocks that end it."""

    head: bytes
    tail: bytes
    after: bytes
    head_crc: int
    length: int

    def around(self, middle: bytes) -> bytes:
        """Return the whole stream with up to MOST_STORED bytes in the middle, as they are."""
        size = len(middle)
        if size > MOST_STORED:
            raise ValueError(f"{size} bytes do not fit one stored block.")
        stored = b"\x00" + size.to_bytes(2, "little") + (size ^ MOST_STORED).to_bytes(2, "little")
        crc = zlib.crc32(self.after, zlib.crc32(middle, self.head_crc))
        total = (self.length + size) & 0xFFFFFFFF
        footer = crc.to_bytes(4, "little") + total.to_bytes(4, "little")
        return b"".join([self.head, stored, middle, self.tail, footer])


def pack(before: bytes, after: bytes) -> Packed:
    head = zlib.compressobj(LEVEL, zlib.DEFLATED, RAW)
    tail = zlib.compressobj(LEVEL, zlib.DEFLATED, RAW)
    return Packed(
        # A full flush ends at a byte, and nothing behind it refers back.
        HEADER + head.compress(before) + head.flush(zlib.Z_FULL_FLUSH),
        tail.compress(after) + tail.flush(),
        after,
        zlib.crc32(before),
        len(before) + len(after),
    )
