"""What changes what Pixie knows, and how it thinks."""

import pixie.schemas  # noqa: F401 (registers the events' schemas)
from pixie.actions.blocks import found_blocks, share_block, unshare_block, write_block
from pixie.actions.models import choose_model
from pixie.actions.passages import change_passage, forget_passage, remember_passage

__all__ = [
    "change_passage",
    "choose_model",
    "forget_passage",
    "found_blocks",
    "remember_passage",
    "share_block",
    "unshare_block",
    "write_block",
]
