"""Uploads: what is stored was made by us; what is no picture is refused before it is decoded."""

import contextlib
import mimetypes
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, ImageCms, PngImagePlugin

from blog import avif_child, decoding, media
from tests.blog.pictures import noise_bytes, picture_bytes, upload

ROOT = Path(__file__).resolve().parents[2]

GPS = 0x8825
ORIENTATION = 0x0112
TURNED_RIGHT = 6


def stored(content):
    return Image.open(BytesIO(media.accept(upload(content)).content))


def refusal(content):
    with pytest.raises(ValidationError) as error:
        media.accept(upload(content))
    return error.value.code


@pytest.mark.parametrize(
    ("form", "written", "ending"),
    [
        ("JPEG", "JPEG", "jpg"),
        ("PNG", "PNG", "png"),
        ("WEBP", "WEBP", "webp"),
        ("AVIF", "JPEG", "jpg"),
        ("GIF", "PNG", "png"),
    ],
)
def test_five_kinds_are_taken_by_content_not_by_name(form, written, ending):
    accepted = media.accept(upload(picture_bytes(form), name="virus.exe"))
    picture = Image.open(BytesIO(accepted.content))
    assert (picture.format, picture.size, accepted.ending) == (written, (64, 48), ending)


def test_where_a_picture_was_taken_is_forgotten():
    exif = Image.Exif()
    exif[0x010E] = "At home"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (52.0, 30.0, 0.0)
    content = picture_bytes(exif=exif, comment=b"secret comment")
    assert Image.open(BytesIO(content)).getexif().get_ifd(GPS)
    accepted = media.accept(upload(content)).content
    assert not Image.open(BytesIO(accepted)).getexif()
    for secret in (b"Exif", b"At home", b"secret comment"):
        assert secret not in accepted


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF"])
def test_other_formats_forget_too(form):
    exif = Image.Exif()
    exif[0x010E] = "At home"
    options = {"exif": exif}
    if form == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", "secret comment")
        options["pnginfo"] = text
    else:
        options["xmp"] = b"<x>secret comment</x>"
    content = picture_bytes(form, **options)
    assert b"secret comment" in content
    accepted = media.accept(upload(content)).content
    assert b"At home" not in accepted
    assert b"secret comment" not in accepted


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_stands_upright_without_being_told(form):
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED_RIGHT
    assert stored(picture_bytes(form, size=(64, 48), exif=exif)).size == (48, 64)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "AVIF"])
def test_a_large_picture_is_made_smaller(form):
    assert stored(picture_bytes(form, size=(4800, 1200))).size == (2400, 600)


def test_transparency_stays():
    assert stored(picture_bytes("AVIF", mode="RGBA", colour=(9, 9, 9, 9))).mode == "RGBA"
    assert stored(picture_bytes("PNG", mode="RGBA")).mode == "RGBA"
    gif = picture_bytes("GIF", mode="P", transparency=0)
    assert stored(gif).convert("RGBA").getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "I;16", "P"])
def test_unusual_modes_become_something_that_browsers_show(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert stored(picture_bytes(form, mode=mode)).mode in {"RGB", "L"}


@pytest.mark.parametrize("options", [{}, {"transparency": 32_768}], ids=["plain", "with a hole"])
def test_greys_of_sixteen_bits_stay_what_they_are(options):
    picture = stored(picture_bytes("PNG", mode="I;16", colour=32_768, **options))
    assert (picture.mode, picture.getpixel((10, 10))) == ("L", 128)


def test_the_colours_are_the_webs_and_their_profile_goes():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = stored(picture_bytes(icc_profile=profile, colour=(200, 30, 30)))
    assert "icc_profile" not in picture.info
    red, green, blue = picture.getpixel((10, 10))
    assert (abs(red - 200), abs(green - 30), abs(blue - 30)) < (6, 6, 6)


def test_a_broken_profile_does_no_harm():
    assert stored(picture_bytes(icc_profile=b"nonsense")).size == (64, 48)


def test_only_the_first_frame_of_a_moving_picture_is_kept():
    frames = [Image.new("P", (8, 8), colour) for colour in range(5)]
    target = BytesIO()
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    assert getattr(stored(target.getvalue()), "n_frames", 1) == 1


# --- refused --------------------------------------------------------------------------------


def png_of(width, height):
    """A sound PNG of a few bytes that says it is this large."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize("size", [(8000, 5001), (60_000, 60_000), (1, 50_000_000)])
def test_a_decompression_bomb_is_refused_undecoded(size, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was decoded"))
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", Image.Image.load)
    assert refusal(png_of(*size)) in {"too_many_pixels", "unreadable"}


def test_a_file_that_is_too_large_is_not_even_read():
    file = upload(b"\xff\xd8")
    file.size = media.MAX_BYTES + 1
    file.file = None
    with pytest.raises(ValidationError) as error:
        media.accept(file)
    assert error.value.messages == [
        "This file is larger than 10 MB. Please make the picture smaller first."
    ]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>",
        b"GIF89a",
        b"GIF89a/*" + b"\0" * 50 + b"*/=alert(1)",
        b"%PDF-1.4",
        b"\x00\x01\x02",
        picture_bytes("BMP"),
        picture_bytes("TIFF"),
        picture_bytes("ICO"),
        picture_bytes("PPM"),
    ],
    ids=["html", "gif head", "gif script", "pdf", "bytes", "bmp", "tiff", "ico",
         "ppm"],
)  # fmt: skip
def test_everything_else_is_refused(content):
    assert refusal(content) == "unreadable"


SVG_AS_TEXT = [
    SVG,
    b'<?xml version="1.0"?>' + SVG,
    b"\xef\xbb\xbf \n<!-- a comment --><!DOCTYPE svg>" + SVG,
    SVG.decode().encode("utf-16"),
    SVG.upper(),
]


@pytest.mark.parametrize("content", SVG_AS_TEXT, ids=["bare", "xml", "prolog", "utf-16", "upper"])
def test_an_svg_is_refused_with_a_sentence_that_says_why(content):
    with pytest.raises(ValidationError) as error:
        media.accept(upload(content, name="picture.png"))
    assert error.value.code == "svg"
    assert "may hold scripts" in error.value.messages[0]


def box(kind, content):
    return struct.pack(">I", len(content) + 8) + kind + content


@pytest.mark.parametrize("brands", [b"heic", b"mif1\0\0\0\0mif1heic", b"heix\0\0\0\0mif1"])
def test_a_heic_is_refused_with_what_to_do_about_it(brands):
    with pytest.raises(ValidationError) as error:
        media.accept(upload(box(b"ftyp", brands) + box(b"meta", b"\0" * 99)))
    assert error.value.code == "heic"
    assert "as a JPEG" in error.value.messages[0]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_half_a_picture_is_refused(form):
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    target = BytesIO()
    noise.save(target, form)
    content = target.getvalue()
    assert refusal(content[: len(content) // 2]) == "unreadable"


def zipped():
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return target.getvalue()


TAILS = [b"<script>alert(1)</script>", b"*/=1;alert(1)//script", zipped() + b"script"]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
@pytest.mark.parametrize("tail", TAILS, ids=["page", "program", "archive"])
def test_what_hides_behind_a_picture_is_not_stored(form, tail):
    accepted = media.accept(upload(picture_bytes(form) + tail))
    assert b"script" not in accepted.content
    assert b"PK\3\4" not in accepted.content


def test_what_hides_in_a_jpegs_comment_is_not_stored():
    accepted = media.accept(upload(picture_bytes(comment=b"/*<script>alert(1)</script>")))
    assert b"script" not in accepted.content


# --- made to cost much ----------------------------------------------------------------------


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_words_that_unfold_to_a_gigabyte_are_not_unfolded(kind):
    """A thousandth of that is what a file may hold in words."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(10**6)) for _part in range(1000)) + packer.flush()
    head = {b"zTXt": b"a\0\0", b"iTXt": b"a\0\1\0\0\0", b"iCCP": b"a\0\0"}[kind]
    whole = picture_bytes("PNG")
    bomb = whole[:33] + chunk(kind, head + packed) + whole[33:]
    assert len(bomb) < 2_000_000
    assert peak_of(bomb) < 200


def test_the_largest_picture_that_is_taken_takes_no_more_memory_than_this():
    target = BytesIO()
    Image.new("RGBA", (8000, 5000), (9, 9, 9, 9)).save(target, "PNG")
    assert peak_of(target.getvalue()) < 800


# What a process of its own takes more than before, in megabytes.
PEAK = """
import resource, sys
from io import BytesIO
from django.conf import settings
settings.configure(USE_I18N=False)
from blog.decoding import decoded
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
content = sys.stdin.buffer.read()
decoded_before = peak()
try:
    decoded(content)
except Exception as error:
    if type(error).__name__ != "ValidationError":
        raise
print(peak() - decoded_before)
"""


def peak_of(content):
    command = [sys.executable, "-c", PEAK]
    done = subprocess.run(command, input=content, capture_output=True, check=True, cwd=ROOT)
    return int(done.stdout)


def test_thousands_of_frames_cost_as_much_as_one():
    frames = [Image.new("P", (64, 64), n % 250) for n in range(2000)]
    target = BytesIO()
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:], disposal=2)
    before = time.process_time()
    assert stored(target.getvalue()).size == (64, 64)
    assert time.process_time() - before < 1


def test_a_jpeg_that_comes_in_a_thousand_times_over_is_refused():
    """Each scan may be a few bytes, and costs a pass over all pixels."""
    whole = picture_bytes(size=(64, 64), progressive=True)
    scans = whole.split(b"\xff\xda")
    bomb = b"\xff\xda".join([*scans[:-1], *[scans[-1][:-2]] * 1000, scans[-1]])
    assert Image.open(BytesIO(bomb)).size == (64, 64)
    assert refusal(bomb) == "unreadable"


def an_avif(size):
    return bytearray(picture_bytes("AVIF", size=size, speed=10))


def test_an_avif_with_too_many_pixels_is_refused():
    assert refusal(bytes(an_avif((8000, 5001)))) == "too_many_pixels"


def test_an_avif_that_says_less_than_it_unfolds_to_stays_within_its_limit():
    """The header is the file's word; the data are the codec's own."""
    content = an_avif((6000, 6000))
    at = content.index(b"ispe") + 8
    content[at : at + 8] = struct.pack(">II", 64, 64)
    with contextlib.suppress(ValidationError):
        assert max(stored(bytes(content)).size) <= 2400


def test_a_decoder_that_would_take_too_much_is_stopped(monkeypatch):
    small = Path(avif_child.__file__).read_text().replace("1024**3", "64 * 1024**2")
    with TemporaryDirectory() as folder:
        script = Path(folder) / "child.py"
        script.write_text(small)
        monkeypatch.setattr(avif_child, "__file__", str(script))
        assert refusal(bytes(an_avif((6000, 6000)))) == "unreadable"


def test_many_at_once_are_decoded_one_after_the_other():
    started, most = [], []
    real = decoding._plain

    def watched(picture):
        started.append(1)
        most.append(len(started))
        result = real(picture)
        started.pop()
        return result

    content = noise_bytes(size=(900, 900))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "_plain", watched)
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda _n: media.accept(upload(content)), range(6)))
    assert (len(most), max(most)) == (6, 1)


# --- stored ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_picture_is_kept_under_a_name_that_nobody_chose(alice):
    file = upload(name="../../alice at home.php")
    picture = media.keep(media.accept(file), uploader=alice, alt="A house")
    assert picture.file.name.startswith("pictures/")
    assert picture.file.name.endswith(".jpg")
    assert "alice" not in picture.file.name
    assert (picture.width, picture.height, picture.uploader) == (64, 48, alice)


def test_a_phones_picture_of_several_is_its_first():
    content = picture_bytes("MPO", save_all=True, append_images=[Image.new("RGB", (9, 9))])
    assert Image.open(BytesIO(content)).format == "MPO"
    accepted = media.accept(upload(content))
    picture = Image.open(BytesIO(accepted.content))
    assert (picture.format, picture.size, accepted.ending) == ("JPEG", (64, 48), "jpg")


# --- served ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("pictures/a.avif", "image/avif"),
        ("pictures/a.webp", "image/webp"),
        ("pictures/a.jpg", "image/jpeg"),
        ("pictures/a.svg", "application/octet-stream"),
    ],
)
def test_a_picture_says_what_it_is_on_every_machine(
    client, settings, tmp_path, monkeypatch, name, kind
):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "pictures").mkdir()
    (tmp_path / name).write_bytes(b"a picture")
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_args, **_options: (None, None))
    response = client.get(f"/media/{name}")
    assert (response.status_code, response["Content-Type"]) == (200, kind)
    assert response["X-Content-Type-Options"] == "nosniff"
