"""A migration operation that makes a table append-only."""

from pantry.db.operation import DatabaseOperation


class AppendOnly(DatabaseOperation):
    """Forbid UPDATE and DELETE on `table`.

    Two changes are allowed: a redaction, which sets `mark` from NULL once and changes no `frozen` column; and the
    deletion of rows whose row in `parent` (by `parent_column`) is deleted already, as when a home is erased.
    Applying it again replaces the triggers.
    """

    def __init__(self, table: str, *, frozen: tuple[str, ...], mark: str, parent: str, parent_column: str) -> None:
        self.table, self.frozen, self.mark = table, frozen, mark
        self.parent, self.parent_column = parent, parent_column

    def forwards(self, vendor: str) -> list[str]:
        return [*self.backwards(vendor), *(self._postgresql() if vendor == "postgresql" else self._sqlite())]

    def backwards(self, vendor: str) -> list[str]:
        on = f" ON {self.table}" if vendor == "postgresql" else ""
        return [f"DROP TRIGGER IF EXISTS {self.table}_no_{verb}{on}" for verb in ("update", "delete")]

    def describe(self) -> str:
        return f"Make {self.table} append-only"

    def _redaction(self, distinct: str) -> str:
        unchanged = " AND ".join(f"NEW.{column} {distinct} OLD.{column}" for column in self.frozen)
        return f"OLD.{self.mark} IS NULL AND NEW.{self.mark} IS NOT NULL AND {unchanged}"

    def _erasure(self) -> str:
        return f"NOT EXISTS (SELECT 1 FROM {self.parent} WHERE id = OLD.{self.parent_column})"  # noqa: S608

    def _sqlite(self) -> list[str]:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{self.table} is append-only'); END"
        return [
            f"CREATE TRIGGER {self.table}_no_update BEFORE UPDATE ON {self.table} "
            f"WHEN NOT ({self._redaction('IS')}) {refuse}",
            f"CREATE TRIGGER {self.table}_no_delete BEFORE DELETE ON {self.table} "
            f"WHEN NOT ({self._erasure()}) {refuse}",
        ]

    def _postgresql(self) -> list[str]:
        function = f"{self.table}_append_only"
        return [
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'UPDATE' AND ({self._redaction('IS NOT DISTINCT FROM')}) THEN RETURN NEW; END IF; "
            f"IF TG_OP = 'DELETE' AND {self._erasure()} THEN RETURN OLD; END IF; "
            f"RAISE EXCEPTION '{self.table} is append-only'; END $$",
            f"CREATE TRIGGER {self.table}_no_update BEFORE UPDATE ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()",
            f"CREATE TRIGGER {self.table}_no_delete BEFORE DELETE ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()",
        ]
