"""Clean up text that people type."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

DROPPED_CATEGORIES = {"Cc", "Cs", "Co", "Cn"}
BLANKS = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")  # letters and symbols that look like a space
JOINERS = "\u200c\u200d"  # of emoji, and of letters
INNER_QUOTES = str.maketrans("“”", "‘’")
QUOTED_EMAIL = re.compile(r'["\\\[\]]')  # quotes around the name, brackets around an IP address
ASCII_CONTROLS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f]")  # those in ASCII


def clean_text(text: str) -> str:
    """Strip the text, normalize it to NFC, and remove control characters and lone surrogates.

    Keeps line breaks, tabs, joiners and direction marks.
    """
    if text.isascii():
        return ASCII_CONTROLS.sub("", text).strip()
    chars = (char for char in text if char in "\n\t" or unicodedata.category(char) not in DROPPED_CATEGORIES)
    return unicodedata.normalize("NFC", "".join(chars)).strip()


def shorten(text: str, limit: int) -> str:
    """Return the text, or its beginning with “…”, in at most `limit` characters."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def clean_line(text: str) -> str:
    return " ".join(clean_text(text).split())


def quotable(text: str) -> str:
    """Return the text as it can be quoted in a question: on one line, without blank and invisible characters that hide
    or reorder its parts, and with quotation marks that cannot end ours."""
    chars = (char for char in BLANKS.sub(" ", text) if char in JOINERS or unicodedata.category(char) != "Cf")
    return clean_line("".join(chars)).translate(INNER_QUOTES)


def visible_line(text: str) -> str:
    """Return the cleaned line; empty if it has no visible character."""
    line = clean_line(text)
    return line if is_visible(line) else ""


def is_visible(text: str) -> bool:
    """Tell whether the text has a letter, number, punctuation mark or symbol."""
    return any(unicodedata.category(char)[0] in "LNPS" for char in BLANKS.sub("", text))


def validate_ascii_email(email: str) -> None:
    """Refuse other letters, since mail servers and databases take some of them for ASCII ones, and other spellings of
    the same mailbox: `"ann"@home.example` is `ann@home.example`.
    """
    if not email.isascii():
        raise ValidationError(
            _("An email address may only have letters without accents. Write other domains in their form with xn--.")
        )
    if QUOTED_EMAIL.search(email):
        raise ValidationError(_("Write the email address without quotes, and with a domain instead of brackets."))
