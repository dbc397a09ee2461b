"""Pictures and PDFs for tests."""

from io import BytesIO
from typing import Any

from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
GPS_INFO, ORIENTATION, CAMERA = 0x8825, 0x0112, 0x010F


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), colour: Any = "tomato", **options: Any) -> bytes:
    """Return a picture of one colour."""
    return saved(Image.new("RGB", size, colour), kind, **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    content = BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))
