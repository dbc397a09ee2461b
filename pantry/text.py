"""Text as people type it, made fit to keep."""

import re
import unicodedata

DROPPED = {"Cc", "Cs", "Co", "Cn"}
CONTROLS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f]")  # what ASCII has of these


def clean_text(text: str) -> str:
    """Keeps lines and everything people write (joiners and direction marks too); drops NUL, other control
    characters and lone surrogates, which no database or encoder takes."""
    if text.isascii():
        return CONTROLS.sub("", text).strip()
    kept = (char for char in text if char in "\n\t" or unicodedata.category(char) not in DROPPED)
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def clean_line(text: str) -> str:
    return " ".join(clean_text(text).split())


def visible_line(text: str) -> str:
    """Empty when there is nothing to see in it: spaces, marks and signs without a face."""
    line = clean_line(text)
    return line if is_visible(line) else ""


def is_visible(text: str) -> bool:
    """Whether there is a letter, a number or a sign in it."""
    return any(unicodedata.category(char)[0] in "LNPS" for char in text)
