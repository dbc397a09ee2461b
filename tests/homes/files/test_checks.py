"""What is accepted as a picture or PDF, by its content, and what is stored of it."""

import struct
import zlib

import pytest
from django.conf import settings
from PIL import Image

from homes.files import checks
from homes.files.checks import MAX_JPEG_PIXELS, MAX_PIXELS, MAX_SIDE, THUMBNAIL_SIDE, check_file
from homes.files.hooks import PICTURES, PICTURES_AND_PDF
from pantry.errors import ActionError, Busy
from tests.limits import limit
from tests.pictures import CAMERA, GPS_INFO, ORIENTATION, PDF, opened, picture, saved

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100


def refusal(content, media_types=PICTURES):
    with pytest.raises(ActionError) as refused:
        check_file(content, media_types)
    return str(refused.value)


def png_of_size(width, height):
    """Return a PNG of a few bytes that says it has this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    parts = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("JPEG", "image/jpeg"),
        ("MPO", "image/jpeg"),
        ("PNG", "image/webp"),
        ("WEBP", "image/webp"),
        ("GIF", "image/webp"),
    ],
)
def test_pictures_are_encoded_anew(kind, media_type):
    checked = check_file(picture(kind), PICTURES)
    assert checked.media_type == media_type == f"image/{opened(checked.content).format.lower()}"
    assert (checked.width, checked.height) == opened(checked.content).size == (64, 48)
    assert opened(checked.thumbnail).format == "WEBP"


def test_metadata_is_removed():
    exif = Image.Exif()
    exif[CAMERA] = "Phone of Nok"
    exif[GPS_INFO] = {1: "N", 2: (13.0, 45.0, 0.0)}
    text = b"a comment of Nok"
    photo = picture(exif=exif, comment=text, icc_profile=b"profile")
    assert opened(photo).getexif().get_ifd(GPS_INFO)
    assert text in photo
    stored = check_file(photo, PICTURES)
    for content in (stored.content, stored.thumbnail):
        assert not opened(content).getexif()
        assert not {"comment", "exif", "icc_profile", "xmp"} & opened(content).info.keys()
        assert b"Nok" not in content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_orientation_is_applied(kind):
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned by 90 degrees
    checked = check_file(picture(kind, exif=exif), PICTURES)
    assert (checked.width, checked.height) == opened(checked.content).size == (48, 64)
    assert opened(checked.thumbnail).size == (48, 64)


def test_large_picture_is_made_smaller():
    assert limit("Longer side of a picture, as it is stored") == MAX_SIDE
    checked = check_file(picture(size=(5200, 1300)), PICTURES)
    assert (checked.width, checked.height) == (MAX_SIDE, 640)
    assert opened(checked.thumbnail).size == (THUMBNAIL_SIDE, 80)


def test_picture_as_large_as_the_limit_is_read_in_part():
    assert limit("Pixels of a JPEG") == MAX_JPEG_PIXELS
    checked = check_file(picture(size=(10_000, 5_000)), PICTURES)
    assert (checked.width, checked.height) == (MAX_SIDE, 1280)


@pytest.mark.parametrize("size", [(65_500, 65_500), (7_072, 7_072), (4_001, 4_000)])
def test_decompression_bomb_is_refused_before_it_is_decoded(size, monkeypatch):
    assert limit("Pixels of a picture in another format") == MAX_PIXELS
    monkeypatch.setattr(Image.Image, "convert", None)
    assert "pixels" in refusal(png_of_size(*size))


def test_progressive_jpeg_with_countless_scans_is_refused():
    photo = picture(size=(1000, 1000), progressive=True)
    start = photo.rindex(b"\xff\xda")
    scan = photo[start:-2]
    assert "damaged" in refusal(photo[:start] + scan * 200 + photo[-2:])


def test_only_the_first_frame_of_an_animation_is_read():
    frames = [Image.new("RGB", (40, 30), (n % 256, 0, 0)) for n in range(300)]
    for kind in ("GIF", "WEBP", "PNG"):
        animation = saved(frames[0], kind, save_all=True, append_images=frames[1:])
        checked = check_file(animation, PICTURES)
        assert (checked.width, checked.height) == (40, 30)
        assert getattr(opened(checked.content), "n_frames", 1) == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK", "YCbCr"])
def test_every_mode_of_a_picture_is_read(mode):
    kind = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    checked = check_file(saved(Image.new(mode, (30, 20)), kind), PICTURES)
    assert opened(checked.content).size == (30, 20)


def test_transparency_stays():
    drawing = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert opened(check_file(saved(drawing, "PNG"), PICTURES).content).convert("RGBA").getpixel((5, 5))[3] == 0


def test_16_bit_grey_keeps_its_brightness():
    grey = Image.new("I;16", (20, 20), 0x8000)
    value = opened(check_file(saved(grey, "PNG"), PICTURES).content).convert("L").getpixel((5, 5))
    assert 120 < value < 136


@pytest.mark.parametrize("content", [b"", b"hello", SVG, HTML, b"PK\x03\x04" + b"\0" * 50, b"BM" + b"\0" * 100])
def test_other_files_are_refused(content):
    assert refusal(content) == "We can't read this file. Use a picture: JPEG, PNG, WebP or GIF."
    assert "or a PDF" in refusal(content, PICTURES_AND_PDF)


def test_heic_is_refused_with_the_way_to_go_on():
    assert refusal(HEIC) == "We can't read HEIC pictures. Save it as a JPEG first."


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_truncated_picture_is_refused(kind):
    noise = saved(Image.effect_noise((200, 200), 80).convert("RGB"), kind)
    assert refusal(noise[: len(noise) // 2]) == "This picture is damaged or incomplete. Try another one."


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_follows_a_picture_is_not_stored(kind):
    stored = check_file(picture(kind) + HTML, PICTURES)
    assert b"script" not in stored.content + stored.thumbnail


def test_pdf_is_stored_as_it_is():
    checked = check_file(PDF, PICTURES_AND_PDF)
    assert (checked.media_type, checked.content, checked.width, checked.thumbnail) == (
        "application/pdf",
        PDF,
        None,
        b"",
    )


def test_pdf_is_refused_where_only_pictures_are_taken():
    assert "Use a picture" in refusal(PDF, PICTURES)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (PDF[:-6], "incomplete"),
        (b"%PDF-1.4\n" + HTML + PDF, "another kind"),
        (PDF + b"PK\x05\x06" + b"\0" * 18 + b"%%EOF", "another kind"),
        (b"GIF89a" + PDF, "We can't read"),
        (b"\n" + PDF, "We can't read"),
    ],
)
def test_broken_pdf_and_one_that_is_something_else_are_refused(content, word):
    assert word in refusal(content, PICTURES_AND_PDF)


def test_larger_file_than_allowed_is_refused():
    assert limit("Picture or PDF") == settings.FILE_MAX_BYTES
    assert refusal(b"\xff" * (settings.FILE_MAX_BYTES + 1)) == "This file is too large. It may have 15 MB."


def test_pictures_wait_for_others_only_a_while():
    assert limit("Pictures that are read at the same time, in each process") == checks.DECODERS == 2
    photo = picture()
    with checks._decoder(0), checks._decoder(0), pytest.raises(Busy):
        check_file(photo, PICTURES, wait_seconds=0.01)
    assert check_file(photo, PICTURES).sha256 == check_file(photo, PICTURES).sha256


def test_random_bytes_raise_nothing_else():
    """Change each of some hundred bytes of a picture."""
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        photo = saved(Image.effect_noise((16, 16), 50).convert("RGB"), kind)
        for place in range(0, len(photo), max(1, len(photo) // 150)):
            damaged = bytearray(photo)
            damaged[place] ^= 0xFF
            try:
                check_file(bytes(damaged), PICTURES)
            except ActionError as refused:
                assert str(refused)
