"""What changes who the agents are, what they know, and how they think."""

import pixie.schemas  # noqa: F401 (registers the events' schemas)
from pixie.actions.agents import change_agent, create_agent, remove_agent
from pixie.actions.blocks import found_blocks, share_block, unshare_block, write_block
from pixie.actions.models import choose_model
from pixie.actions.passages import change_passage, correct_passage, forget_passage, remember_passage

__all__ = [
    "change_agent",
    "change_passage",
    "choose_model",
    "correct_passage",
    "create_agent",
    "forget_passage",
    "found_blocks",
    "remember_passage",
    "remove_agent",
    "share_block",
    "unshare_block",
    "write_block",
]
