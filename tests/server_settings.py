"""Settings of servers that tests start: those of the product, but SQLite leaves syncing to the operating system.

A killed process loses no data that way; only a power cut of the machine would.
"""

from pantry.settings import *  # noqa: F403
from pantry.settings import DATABASES
from tests.sqlite import without_syncing

without_syncing(DATABASES["default"])
