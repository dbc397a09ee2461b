"""Everything that differs between SQLite and PostgreSQL. No other package checks the vendor."""

from pantry.db.connect import check_foreign_keys, database, is_foreign_key_violation, is_temporary
from pantry.db.operations import AppendOnly, NoPendingList, TextIndex, TrigramIndex, VectorColumn, WordSearch
from pantry.db.search import (
    analyze_table,
    index_row,
    search_by_vector,
    search_by_words,
    search_substrings,
    search_words,
    store_vectors,
    unindex_row,
)
from pantry.db.snapshot import consistent_reads
