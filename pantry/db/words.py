"""Finding rows by how a word in them begins."""

from typing import Any

from django.db.migrations.operations.base import Operation


class WordIndex(Operation):
    """Let `istartswith` and `icontains` on a text column of `table` use an index, on PostgreSQL: by its extension
    pg_trgm, which the owner of a database may create. SQLite reads a home's rows through, and is fast at it."""

    reversible = True

    def __init__(self, table: str, column: str, name: str) -> None:
        self.table, self.column, self.name = table, column, name

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models do not change."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm", params=None)
            expression = f"UPPER({self.column}::text) gin_trgm_ops"  # as Django writes the two lookups
            schema_editor.execute(f"CREATE INDEX {self.name} ON {self.table} USING gin ({expression})", params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX {self.name}", params=None)

    def describe(self) -> str:
        return f"Index the words of {self.table}.{self.column}"


class PromptIndex(Operation):
    """Let what is written go into an index of words at once. PostgreSQL would keep up to 4 MB of it in a list until the
    next vacuum, and each search would read through that: more than a millisecond a word."""

    reversible = True

    def __init__(self, name: str) -> None:
        self.name = name

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models do not change."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER INDEX {self.name} SET (fastupdate = off)", params=None)
            schema_editor.execute(f"SELECT gin_clean_pending_list('{self.name}')", params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER INDEX {self.name} RESET (fastupdate)", params=None)

    def describe(self) -> str:
        return f"Write into {self.name} at once"
