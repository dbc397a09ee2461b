"""The settings of a server that tests start: the product's, but SQLite leaves syncing to the operating system.

A killed process loses nothing by that, only a power cut would, and no test cuts the power of this machine.
"""

from pantry.settings import *  # noqa: F403
from pantry.settings import DATABASES
from tests.sqlite import without_syncing

without_syncing(DATABASES["default"])
