"""The `pixie` command."""

from pantry_pixie.command import (  # noqa: F401 (these register the commands)
    account,
    chat,
    forecasts,
    groceries,
    history,
    lists,
    pantry,
)
from pantry_pixie.command.app import app

__all__ = ["app"]
