"""Everything that differs between SQLite and PostgreSQL. No other package checks the vendor."""

from pantry.db.connect import database as database
from pantry.db.connect import is_temporary as is_temporary
from pantry.db.operations import AppendOnly as AppendOnly
from pantry.db.operations import NoPendingList as NoPendingList
from pantry.db.operations import TextIndex as TextIndex
from pantry.db.operations import TrigramIndex as TrigramIndex
from pantry.db.operations import VectorColumn as VectorColumn
from pantry.db.operations import WordSearch as WordSearch
from pantry.db.recall import analyze_table as analyze_table
from pantry.db.recall import index_row as index_row
from pantry.db.recall import search_by_vector as search_by_vector
from pantry.db.recall import search_by_words as search_by_words
from pantry.db.recall import store_vectors as store_vectors
from pantry.db.recall import unindex_row as unindex_row
from pantry.db.search import search_substrings as search_substrings
from pantry.db.search import search_words as search_words
from pantry.db.sequence import next_number as next_number
