"""What a model writes, as it may stand in a home: words alone.

A picture or a link would be fetched, or pressed, and could carry off what its address was made of. The page escapes
every text; this is for all who read a message elsewhere, too.
"""

import re

from pantry.text import clean_text

IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
REFERENCE = re.compile(r"^\s*\[[^\]]+\]:\s*\S+.*$", re.MULTILINE)
TAG = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|</?[a-z!][^>]*(?:>|\Z)", re.IGNORECASE | re.DOTALL)
ADDRESS = re.compile(r"\b(?:[a-z][a-z0-9+.-]*://|www\.|data:|javascript:|mailto:)[^\s)>\]\"'”]+", re.IGNORECASE)
HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^\s/@]*@)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
MARKS = re.compile(r"(\*\*|__|`{1,3})(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+", re.MULTILINE)


def harmless(text: str) -> str:
    """Without tags, pictures, links and the marks of Markdown; of an address the name of the site is left."""
    text = TAG.sub("", clean_text(text))
    text = LINK.sub(r"\1", IMAGE.sub(r"\1", text))
    text = ADDRESS.sub(_site, REFERENCE.sub("", text))
    return HEADING.sub("", MARKS.sub(r"\2", text)).strip()


def _site(found: re.Match[str]) -> str:
    """The site, without its last dots, so that nothing takes it for an address: “example.com” stays a name, and what
    hides in a part of it (`secret.evil.example`) is cut to the last two."""
    host = HOST.match(found[0])
    return ".".join(host[1].split(".")[-2:]) if host else ""
