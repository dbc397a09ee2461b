"""What changes what Pixie knows."""

import pixie.schemas  # noqa: F401 (registers the events' schemas)
from pixie.actions.blocks import found_blocks, share_block, unshare_block, write_block
from pixie.actions.passages import change_passage, forget_passage, remember_passage

__all__ = [
    "change_passage",
    "forget_passage",
    "found_blocks",
    "remember_passage",
    "share_block",
    "unshare_block",
    "write_block",
]
