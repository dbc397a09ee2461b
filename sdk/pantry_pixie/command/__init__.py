"""`pixie`, the command. Its words are in the modules beside this one."""

from pantry_pixie.command import account, groceries, money, moving, search, talk  # noqa: F401 (each brings its words along)
from pantry_pixie.command.app import app

__all__ = ["app"]
