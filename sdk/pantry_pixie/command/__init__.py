"""The `pixie` command."""

from pantry_pixie.command import account, chat, forecasts, groceries, history, lists  # noqa: F401 (these register the commands)
from pantry_pixie.command.app import app

__all__ = ["app"]
