"""Finding rows by how a word in them begins."""

from pantry.db.operation import DatabaseOperation


class TrigramIndex(DatabaseOperation):
    """Let `istartswith` and `icontains` on a text column of `table` use an index, on PostgreSQL: by its extension
    pg_trgm, which the owner of a database may create. SQLite reads a home's rows through, and is fast at it."""

    def __init__(self, table: str, column: str, name: str) -> None:
        self.table, self.column, self.name = table, column, name

    def forwards(self, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return []
        expression = f"UPPER({self.column}::text) gin_trgm_ops"  # as Django writes the two lookups
        return [
            "CREATE EXTENSION IF NOT EXISTS pg_trgm",
            f"CREATE INDEX {self.name} ON {self.table} USING gin ({expression})",
        ]

    def backwards(self, vendor: str) -> list[str]:
        return [f"DROP INDEX {self.name}"] if vendor == "postgresql" else []

    def describe(self) -> str:
        return f"Index the words of {self.table}.{self.column}"


class NoPendingList(DatabaseOperation):
    """Let what is written go into an index of words at once. PostgreSQL would keep up to 4 MB of it in a list until the
    next vacuum, and each search would read through that: more than a millisecond a word."""

    def __init__(self, name: str) -> None:
        self.name = name

    def forwards(self, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return []
        return [f"ALTER INDEX {self.name} SET (fastupdate = off)", f"SELECT gin_clean_pending_list('{self.name}')"]

    def backwards(self, vendor: str) -> list[str]:
        return [f"ALTER INDEX {self.name} RESET (fastupdate)"] if vendor == "postgresql" else []

    def describe(self) -> str:
        return f"Write into {self.name} at once"
