"""Decodes one AVIF in a process of its own: from standard input, to a PNG on standard output.

Of this format alone the header does not bound what the data unfold to, so a limit on the process
does. Run as a script: it knows nothing of the site.
"""

import resource
import sys
from io import BytesIO

from PIL import Image, ImageOps

MEMORY = 1024**3
SECONDS = 20
TOO_MANY_PIXELS = 3


def main(most_pixels: int, longest_side: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    picture: Image.Image = Image.open(BytesIO(sys.stdin.buffer.read()), formats=["AVIF"])
    if picture.width * picture.height > most_pixels:
        return TOO_MANY_PIXELS
    profile = picture.info.get("icc_profile")
    picture.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    picture = ImageOps.exif_transpose(picture)
    picture.save(sys.stdout.buffer, "PNG", compress_level=1, icc_profile=profile)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
