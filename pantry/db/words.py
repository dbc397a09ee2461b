"""Index text columns for substring search."""

from pantry.db.operation import DatabaseOperation


class TrigramIndex(DatabaseOperation):
    """Index a text column for `istartswith` and `icontains` with pg_trgm on PostgreSQL.

    SQLite scans a home's rows, which is fast enough.
    """

    def __init__(self, table: str, column: str, name: str) -> None:
        self.table, self.column, self.name = table, column, name

    def forwards(self, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return []
        expression = f"UPPER({self.column}::text) gin_trgm_ops"  # the expression of these lookups in Django
        return [
            "CREATE EXTENSION IF NOT EXISTS pg_trgm",
            f"CREATE INDEX {self.name} ON {self.table} USING gin ({expression})",
        ]

    def backwards(self, vendor: str) -> list[str]:
        return [f"DROP INDEX {self.name}"] if vendor == "postgresql" else []

    def describe(self) -> str:
        return f"Index the trigrams of {self.table}.{self.column}"


class NoPendingList(DatabaseOperation):
    """Write entries of a GIN index immediately instead of into its pending list.

    The list may grow to 4 MB until the next vacuum, and each search scans it: more than a millisecond for each word.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def forwards(self, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return []
        return [f"ALTER INDEX {self.name} SET (fastupdate = off)", f"SELECT gin_clean_pending_list('{self.name}')"]

    def backwards(self, vendor: str) -> list[str]:
        return [f"ALTER INDEX {self.name} RESET (fastupdate)"] if vendor == "postgresql" else []

    def describe(self) -> str:
        return f"Disable the pending list of {self.name}"
