"""Static files, searched once per process: each test client has its own handler, which would search again."""

from typing import Any, ClassVar

from pantry import assets


class Assets(assets.Assets):
    files: dict[str, Any]
    cached_files: ClassVar[dict[str, Any] | None] = None

    def add_files_from_finders(self) -> None:
        if Assets.cached_files is None:
            super().add_files_from_finders()
            Assets.cached_files = self.files
        self.files = Assets.cached_files
