"""Compile the catalogues of answers, as `make messages` does. Unlike pybabel, it lets the only form of a language
without plurals name the number that the English singular spells out."""

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCES = sorted((Path(__file__).parent.parent / "locale").glob("*/LC_MESSAGES/django.po"))


def read_catalogue(source: Path) -> Catalog:
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
    catalogue.creation_date = datetime(2026, 1, 1, tzinfo=UTC)  # not now: the same source is compiled to the same bytes
    return catalogue


def compile_catalogue(source: Path) -> bytes:
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(source))
    return compiled.getvalue()


if __name__ == "__main__":
    for source in SOURCES:
        source.with_suffix(".mo").write_bytes(compile_catalogue(source))
