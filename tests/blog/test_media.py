"""Uploads: what is stored was made by us; what is no picture is refused before it is decoded."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, ImageCms, PngImagePlugin

from blog import media
from tests.blog.pictures import picture_bytes, upload

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
        ("GIF", "PNG", "png"),
    ],
)
def test_four_kinds_are_taken_by_content_not_by_name(form, written, ending):
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


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
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


def test_a_picture_stands_upright_without_being_told():
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED_RIGHT
    assert stored(picture_bytes(size=(64, 48), exif=exif)).size == (48, 64)


def test_a_large_picture_is_made_smaller():
    assert stored(picture_bytes(size=(4800, 1200))).size == (2400, 600)


def test_transparency_stays():
    assert stored(picture_bytes("PNG", mode="RGBA")).mode == "RGBA"
    gif = picture_bytes("GIF", mode="P", transparency=0)
    assert stored(gif).convert("RGBA").getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "I;16", "P"])
def test_unusual_modes_become_something_that_browsers_show(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert stored(picture_bytes(form, mode=mode)).mode in {"RGB", "L"}


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


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_half_a_picture_is_refused(form):
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    target = BytesIO()
    noise.save(target, form)
    content = target.getvalue()
    assert refusal(content[: len(content) // 2]) == "unreadable"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_page_hidden_behind_a_picture_is_not_stored(form):
    accepted = media.accept(upload(picture_bytes(form) + b"<script>alert(1)</script>"))
    assert b"script" not in accepted.content


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
