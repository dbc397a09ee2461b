"""Check uploaded files by their content, and re-encode pictures, so that nothing is stored but what can be shown."""

import hashlib
import logging
import re
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from threading import BoundedSemaphore

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from pantry.errors import ActionError, Busy

log = logging.getLogger(__name__)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_SIDE, THUMBNAIL_SIDE = 2560, 320  # pixels, of the longer side
MAX_JPEG_PIXELS = 50_000_000  # a large one is decoded at a fraction of its size
MAX_PIXELS = 16_000_000  # of another format
MAX_SCANS = 100  # of a progressive JPEG, each of which takes as long as the picture
JPEG_QUALITY, WEBP_QUALITY = 85, 90
DECODERS, WAIT_SECONDS, RETRY_AFTER_SECONDS = 2, 5, 5  # at the same time in each process: one takes up to 250 MB

PDF = "application/pdf"
PDF_END_BYTES = 1024  # in which readers look for the end of a PDF
MARKUP = re.compile(r"<(?:!doctype|html|head|body|script|svg|\?xml)", re.IGNORECASE)
ZIP_END, ZIP_END_BYTES = b"PK\x05\x06", 66_000  # the directory of an archive, in which it is looked for
HEIF_BYTES = 12
HEIF = re.compile(r".{4}ftyp(?:heic|heix|hevc|heim|heis|mif1|msf1|avif)", re.DOTALL)

Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS
_decoders = BoundedSemaphore(DECODERS)


@dataclass(frozen=True)
class CheckedFile:
    """A file as it is stored. A PDF has no size in pixels and no thumbnail."""

    media_type: str
    content: bytes
    width: int | None = None
    height: int | None = None
    thumbnail: bytes = b""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def check_file(content: bytes, media_types: Set[str], *, wait_seconds: float | None = WAIT_SECONDS) -> CheckedFile:
    """Return the file to store. Raises ActionError for one that is none of the media types, broken or too large.

    A picture is turned upright, made smaller and encoded anew, which removes its metadata, such as the place where it
    was taken, and all frames but the first. A PDF stays as it is. Takes up to three seconds, and raises Busy if others
    are being checked for longer than `wait_seconds`; None waits until they are done.
    """
    if len(content) > settings.FILE_MAX_BYTES:
        raise ActionError(_("This file is too large. It may have %(max)d MB.") % _in_millions(settings.FILE_MAX_BYTES))
    if content.startswith(b"%PDF-"):
        return _check_pdf(content, media_types)
    with _decoder(wait_seconds):
        return _check_picture(content, media_types)


def _check_pdf(content: bytes, media_types: Set[str]) -> CheckedFile:
    if PDF not in media_types:
        raise _unknown_type(media_types)
    if MARKUP.search(content[:PDF_END_BYTES].decode("latin-1")) or ZIP_END in content[-ZIP_END_BYTES:]:
        raise ActionError(_("This PDF is another kind of file, too. Print it to a PDF and try again."))
    if b"%%EOF" not in content[-PDF_END_BYTES:]:
        raise ActionError(_("This PDF is incomplete. Save it again and try once more."))
    return CheckedFile(PDF, content)


@contextmanager
def _decoder(wait_seconds: float | None) -> Iterator[None]:
    if not _decoders.acquire(timeout=wait_seconds):
        raise Busy(_("Other pictures are being read. Try again in a moment."), RETRY_AFTER_SECONDS)
    try:
        yield
    finally:
        _decoders.release()


def _check_picture(content: bytes, media_types: Set[str]) -> CheckedFile:
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            is_jpeg = _prepare(image, content)
            return _encode(_upright(image), is_jpeg)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        if HEIF.match(content[:HEIF_BYTES].decode("latin-1")):
            raise ActionError(_("We can't read HEIC pictures. Save it as a JPEG first.")) from error
        raise _unknown_type(media_types) from error
    except ActionError:
        raise
    except Exception as error:  # a damaged picture raises whatever its decoder stumbles over
        log.info("a picture can't be decoded: %r", error)
        raise ActionError(_("This picture is damaged or incomplete. Try another one.")) from error


def _prepare(image: Image.Image, content: bytes) -> bool:
    """Check what decoding would cost, before it is done. Returns whether it is a JPEG, which is decoded at a fraction
    of its size."""
    is_jpeg = image.format in ("JPEG", "MPO")
    if image.width * image.height > (most := MAX_JPEG_PIXELS if is_jpeg else MAX_PIXELS):
        raise _too_many_pixels(most)
    if is_jpeg and content.count(b"\xff\xda") > MAX_SCANS:
        raise ActionError(_("This picture is damaged or incomplete. Try another one."))
    longer = max(image.size)
    image.draft("RGB", (image.width * MAX_SIDE // longer or 1, image.height * MAX_SIDE // longer or 1))
    return is_jpeg


def _upright(image: Image.Image) -> Image.Image:
    """Return the picture in RGB or RGBA, upright and small enough, without its metadata."""
    has_alpha = image.has_transparency_data
    if image.mode == "I;16":
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode != (mode := "RGBA" if has_alpha else "RGB"):
        image = image.convert(mode)
    image.thumbnail((MAX_SIDE, MAX_SIDE), reducing_gap=2.0)
    image = ImageOps.exif_transpose(image)
    image.info = {}
    return image


def _encode(image: Image.Image, is_jpeg: bool) -> CheckedFile:
    content, thumbnail = BytesIO(), BytesIO()
    if is_jpeg:
        image.save(content, "JPEG", quality=JPEG_QUALITY)
    else:
        image.save(content, "WEBP", quality=WEBP_QUALITY)
    width, height = image.size
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    image.save(thumbnail, "WEBP")
    media_type = "image/jpeg" if is_jpeg else "image/webp"
    return CheckedFile(media_type, content.getvalue(), width, height, thumbnail.getvalue())


def _too_many_pixels(most: int = MAX_JPEG_PIXELS) -> ActionError:
    return ActionError(_("This picture has too many pixels. It may have %(max)d million.") % _in_millions(most))


def _unknown_type(media_types: Set[str]) -> ActionError:
    if PDF in media_types:
        return ActionError(_("We can't read this file. Use a picture (JPEG, PNG, WebP or GIF) or a PDF."))
    return ActionError(_("We can't read this file. Use a picture: JPEG, PNG, WebP or GIF."))


def _in_millions(number: int) -> dict[str, int]:
    return {"max": number // 1_000_000}
