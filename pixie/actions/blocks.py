"""Write and share memory blocks."""

from typing import Any

from django.utils.translation import gettext as _

from chat.actions import open_assistant
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.models import Agent
from pantry.errors import ActionError, StaleVersion
from pantry.text import clean_text
from pixie.models import MemoryBlock, SharedBlockLink


@action
def create_default_blocks(agent: Agent, *, by: Actor) -> list[MemoryBlock]:
    """Create the blocks that every agent has. Idempotent."""
    existing_labels = set(MemoryBlock.objects.filter(agent=agent, user=None).values_list("label", flat=True))
    contents = {"personality": _("Kind, brief and practical. Takes nobody's side in “who should buy”.")}
    blocks = []
    for label in MemoryBlock.LABELS:
        if label not in existing_labels:
            content = contents.get(label, "")
            blocks.append(MemoryBlock.objects.create(home=by.home, agent=agent, label=label, content=content))
            record("memory_block_created", blocks[-1], by=by)
    return blocks


@action
def write_block(agent: Agent, label: str, content: str, *, by: Actor, version: int | None = None) -> MemoryBlock:
    """Replace the content of a block. The label `member` is about `by`.

    Raises ActionError for text that is too long and for an unknown label, StaleVersion when `version` is not the
    current one. A block that was never written has version 0.
    """
    block = _block_of(agent, label, by)
    is_new = block._state.adding
    if version is not None and version != (0 if is_new else block.version):
        raise StaleVersion(_("This was changed meanwhile."), block)
    content = clean_text(content)
    if len(content) > block.char_limit:
        raise ActionError(_("That is too long. Use at most %(most)d characters.") % {"most": block.char_limit})
    audience = _audience(block, by)
    if changes := block.assign(content=content):
        block.version += 0 if is_new else 1
        block.save(force_insert=is_new)
        verb = "memory_block_created" if is_new else "memory_block_updated"
        record(verb, block, by=by, changes=changes, audience=audience)
    return block


def _block_of(agent: Agent, label: str, by: Actor) -> MemoryBlock:
    """Return the block with that label that the agent reads; for `member`, an unsaved one if there is none."""
    assert by.member is not None
    block: MemoryBlock | None = MemoryBlock.objects.read_by(agent).visible_to(by.member).filter(label=label).first()
    if block is None and label == MemoryBlock.MEMBER_LABEL:
        block = MemoryBlock(home=by.home, agent=agent, label=label, user=by.user)
    if block is None:
        raise ActionError(_("There is no memory block called “%(label)s”.") % {"label": label})
    return block


@action
def share_block(block: MemoryBlock, agent: Agent, *, by: Actor) -> MemoryBlock:
    """Let another agent of the home read the block instead of its own with that label. Idempotent."""
    block = block.reload()
    if agent.home_id != block.home_id or agent.pk == block.agent_id:
        raise ActionError(_("Choose another agent in this home."))
    if SharedBlockLink.objects.filter(agent=agent, block__label=block.label, block__user=block.user).exclude(
        block=block
    ):
        raise ActionError(_("%(agent)s already reads another block with that label."), agent=agent)
    before = block.shared_with
    _link, is_new = SharedBlockLink.objects.get_or_create(block=block, agent=agent)
    if is_new:
        _record_shared(block, before, by)
    return block


@action
def unshare_block(block: MemoryBlock, agent: Agent, *, by: Actor) -> MemoryBlock:
    block = block.reload()
    before = block.shared_with
    if SharedBlockLink.objects.filter(block=block, agent=agent).delete()[0]:
        _record_shared(block, before, by)
    return block


def _record_shared(block: MemoryBlock, before: list[Any], by: Actor) -> None:
    after = block.shared_with
    block.is_shared = bool(after)
    block.save()
    changes = {"shared_with": [[str(pk) for pk in before], [str(pk) for pk in after]]}
    record("memory_block_shared", block, by=by, changes=changes, audience=_audience(block, by))


def _audience(block: MemoryBlock, by: Actor) -> Any:
    return open_assistant(block.agent, by=by).pk if block.user_id else None
