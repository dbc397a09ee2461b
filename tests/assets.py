"""The static files, looked for once: each of thousands of test clients has a handler of its own, and looks anew."""

from typing import Any, ClassVar

from pantry import assets


class Assets(assets.Assets):
    files: dict[str, Any]
    found: ClassVar[dict[str, Any] | None] = None

    def add_files_from_finders(self) -> None:
        if Assets.found is None:
            super().add_files_from_finders()
            Assets.found = self.files
        self.files = Assets.found
