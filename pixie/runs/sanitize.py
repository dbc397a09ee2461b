"""Removal of markup and links from what a model writes.

A link or an image could leak data through its address. Pages escape all text; this protects other clients, too.
"""

import re

from pantry.text import clean_text

IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
REFERENCE = re.compile(r"^\s*\[[^\]]+\]:\s*\S+.*$", re.MULTILINE)
TAG = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|</?[a-z!][^>]*(?:>|\Z)", re.IGNORECASE | re.DOTALL)
URL = re.compile(r"\b(?:[a-z][a-z0-9+.-]*://|www\.|data:|javascript:|mailto:)[^\s)>\]\"'”]+", re.IGNORECASE)
HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^\s/@]*@)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
EMPHASIS = re.compile(r"(\*\*|__|`{1,3})(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+", re.MULTILINE)


def sanitize(text: str) -> str:
    """Remove tags, images, links and Markdown. Of a URL, the name of the site remains."""
    text = TAG.sub("", clean_text(text))
    text = LINK.sub(r"\1", IMAGE.sub(r"\1", text))
    text = URL.sub(_site_name, REFERENCE.sub("", text))
    return HEADING.sub("", EMPHASIS.sub(r"\2", text)).strip()


def _site_name(match: re.Match[str]) -> str:
    """Return the last two labels of the host: subdomains could carry data (`secret.evil.example`)."""
    host = HOST.match(match[0])
    return ".".join(host[1].split(".")[-2:]) if host else ""
