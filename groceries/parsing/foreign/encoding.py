"""Decode the bytes of a file."""

import codecs
import re

from django.utils.translation import gettext as _

from pantry.errors import ActionError

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\A\s*+(?:<[!?a-z]|%PDF-|\{\\rtf)", re.IGNORECASE)


def decode(content: bytes) -> str:
    """Return the text: by its byte order mark, else UTF-8, else Windows-1252, as spreadsheets write it.

    What begins as UTF-8 beyond ASCII and then isn't is cut off or damaged. Raises ActionError for that, and for what is
    no text: archives, spreadsheets, pictures, web pages.
    """
    bom = next((mark for mark in _BOMS if content.startswith(mark)), None)
    try:
        text = content.decode(_BOMS[bom] if bom else "utf-8")
    except UnicodeDecodeError as error:
        if bom or not content[: error.start].isascii():
            raise ActionError(_("The file is cut off or damaged. Export it again.")) from error
        text = _decode_windows(content)
    if _CONTROL.search(text) or _MARKUP.match(text):
        raise _no_text()
    return text


def _decode_windows(content: bytes) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _no_text() from error


def _no_text() -> ActionError:
    return ActionError(_("This file isn't a text. Save a spreadsheet as CSV, and unpack a ZIP file first."))
