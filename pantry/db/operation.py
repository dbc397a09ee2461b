"""The base class of this package's migration operations."""

from typing import Any

from django.db.migrations.operations.base import Operation


class DatabaseOperation(Operation):
    """A migration operation that runs SQL for each vendor and leaves the models unchanged."""

    reversible = True

    def forwards(self, vendor: str) -> list[str]:
        """Return the statements that apply the operation."""
        raise NotImplementedError

    def backwards(self, vendor: str) -> list[str]:
        """Return the statements that revert the operation."""
        raise NotImplementedError

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Leave the models unchanged."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for statement in self.forwards(schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for statement in self.backwards(schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)
