"""Everything that differs between SQLite and PostgreSQL. No other package checks the vendor."""

from pantry.db.connect import database, is_temporary
from pantry.db.recall import (
    VectorColumn,
    WordSearch,
    analyze_table,
    index_row,
    search_by_vector,
    search_by_words,
    store_vectors,
    unindex_row,
)
from pantry.db.search import MIN_SUBSTRING_CHARS, TextIndex, search_substrings, search_words
from pantry.db.sequence import next_number
from pantry.db.triggers import AppendOnly
from pantry.db.words import NoPendingList, TrigramIndex

__all__ = [
    "MIN_SUBSTRING_CHARS",
    "AppendOnly",
    "NoPendingList",
    "TextIndex",
    "VectorColumn",
    "TrigramIndex",
    "WordSearch",
    "analyze_table",
    "database",
    "unindex_row",
    "search_substrings",
    "search_words",
    "is_temporary",
    "store_vectors",
    "index_row",
    "search_by_words",
    "search_by_vector",
    "next_number",
]
