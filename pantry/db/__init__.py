"""What differs between SQLite and PostgreSQL. Nothing outside this package asks which one it is."""

from pantry.db.connect import database
from pantry.db.sequence import next_number
from pantry.db.triggers import AppendOnly
from pantry.db.words import WordIndex

__all__ = ["AppendOnly", "WordIndex", "database", "next_number"]
