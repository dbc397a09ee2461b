"""What differs between SQLite and PostgreSQL. Nothing outside this package asks which one it is."""

from pantry.db.connect import database, is_temporary
from pantry.db.recall import (
    VectorColumn,
    WordTable,
    count_rows,
    drop_words,
    keep_vectors,
    keep_words,
    matching,
    nearest,
)
from pantry.db.search import LEAST_PART, TextIndex, find_parts, find_words
from pantry.db.sequence import next_number
from pantry.db.triggers import AppendOnly
from pantry.db.words import PromptIndex, WordIndex

__all__ = [
    "LEAST_PART",
    "AppendOnly",
    "PromptIndex",
    "TextIndex",
    "VectorColumn",
    "WordIndex",
    "WordTable",
    "count_rows",
    "database",
    "drop_words",
    "find_parts",
    "find_words",
    "is_temporary",
    "keep_vectors",
    "keep_words",
    "matching",
    "nearest",
    "next_number",
]
