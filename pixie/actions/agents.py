"""Create, change and remove agents."""

from typing import Any

from django.db.models import Exists
from django.utils.translation import gettext as _

from chat.actions import open_assistant
from chat.actions.channels import normalize_room_name
from chat.models import ChannelMember
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.events.models import Event, Origin
from homes.models import Agent, Home, Membership
from pantry.errors import ActionError, Forbidden, StaleVersion, check_length
from pantry.text import clean_line, clean_text, visible_line
from pixie.actions.blocks import create_default_blocks, unshare_block
from pixie.models import MemoryBlock, Run

MAX_AGENTS = 20  # in a home
FIELDS = {
    "title",
    "avatar_color",
    "system_prompt",
    "model",
    "max_turns",
    "max_budget_usd",
    "monthly_budget_usd",
    "is_active",
}
DEFAULT_SLUG = "agent"  # for names without letters or digits


@action
def create_agent(display_name: str, *, by: Actor, **fields: Any) -> Agent:
    """Create an agent with the default memory blocks. It reads messages from now on.

    Raises Forbidden for members, ActionError for an empty or taken name, and ValidationError for invalid values.
    """
    _check_owner(by)
    home = Home.objects.get(pk=by.home.pk)
    if Agent.objects.filter(home=home).count() >= MAX_AGENTS:
        raise ActionError(_("A home can have at most %(most)d agents.") % {"most": MAX_AGENTS})
    agent = Agent(home=home, enqueued_seq=home.last_seq)
    agent.assign(**_name_fields(display_name, agent), **_clean_fields(fields))
    agent.clean_fields()
    agent.save(force_insert=True)
    record("agent_created", agent, by=by)
    create_default_blocks(agent, by=by)
    return agent


@action
def change_agent(agent: Agent, *, by: Actor, version: int | None = None, **fields: Any) -> Agent:
    """Change an agent; `is_active` puts it to sleep or wakes it. The mention name follows the name.

    Raises Forbidden for members, StaleVersion when `version` is not the current one, ActionError for a taken name and
    for putting the only active agent to sleep, and ValidationError for invalid values.
    """
    _check_owner(by)
    agent = agent.reload("home")
    if version is not None and version != agent.version:
        raise StaleVersion(_("This was changed meanwhile."), agent)
    name_fields = _name_fields(fields.pop("display_name"), agent) if "display_name" in fields else {}
    if fields.get("is_active") is False:
        _keep_one_awake(agent, by)
    if changes := agent.assign(**name_fields, **_clean_fields(fields)):
        agent.clean_fields()
        agent.version += 1
        agent.save()
        record("agent_updated", agent, by=by, changes=changes)
    return agent


@action
def remove_agent(agent: Agent, *, by: Actor) -> None:
    """Delete an agent that was never used, with its memory.

    Raises Forbidden for members, and ActionError for an agent that was used and for the only active one.
    """
    _check_owner(by)
    agent = agent.reload("home")
    if not is_removable(agent):
        raise ActionError(
            _("%(agent)s has already been used, so it can't be deleted. You can put it to sleep instead."), agent=agent
        )
    _keep_one_awake(agent, by)
    for block in MemoryBlock.objects.filter(links__agent=agent):
        unshare_block(block, agent, by=by)
    pk = agent.pk
    agent.delete()
    agent.pk = pk
    record("agent_removed", agent, by=by)


def _check_owner(by: Actor) -> None:
    if not by.is_owner and by.origin != Origin.ADMIN:
        raise Forbidden(_("Only an owner can change the home's agents."))


def _keep_one_awake(agent: Agent, by: Actor) -> None:
    """Raise ActionError if no other agent is active. Staff are exempt."""
    others = Agent.objects.filter(home=agent.home_id, is_active=True).exclude(pk=agent.pk)
    if agent.is_active and by.origin != Origin.ADMIN and not others.exists():
        raise ActionError(_("%(agent)s is the only agent awake. Wake another one first."), agent=agent)


def _name_fields(display_name: str, agent: Agent) -> dict[str, str]:
    """Return the cleaned name and its mention name. Raises ActionError for an empty or taken name."""
    name = check_length(visible_line(display_name), 40)
    if not name:
        raise ActionError(_("Give the agent a name."))
    others = Agent.objects.filter(home=agent.home_id).exclude(pk=agent.pk).values_list("display_name", "slug")
    people = Membership.objects.filter(home=agent.home_id).values_list("user__name", flat=True)
    taken = {name.casefold() for pair in others for name in pair} | {name.casefold() for name in people}
    slugs = {slug for _name, slug in others} | {normalize_room_name(name) for name in people} - {""}
    slug = normalize_room_name(name)
    if name.casefold() in taken or slug in slugs:
        raise ActionError(_("Somebody at home is already called %(name)s. Choose another name.") % {"name": name})
    return {"display_name": name, "slug": slug or _free_slug(slugs)}


def _free_slug(taken: set[str]) -> str:
    names = [DEFAULT_SLUG, *(f"{DEFAULT_SLUG}-{number}" for number in range(2, MAX_AGENTS + len(taken) + 2))]
    return next(name for name in names if name not in taken)


def _clean_fields(fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := fields.keys() - FIELDS:
        raise TypeError(f"an agent has no {', '.join(sorted(unknown))}")
    clean = {"title": clean_line, "model": clean_line, "system_prompt": clean_text}
    return {name: clean[name](value) if name in clean else value for name, value in fields.items()}


def create_pixie(by: Actor) -> None:
    """Create the first agent of a home, and its creator's chat with it."""
    pixie = create_agent("Pixie", by=by, title=_("Steward of the home"))
    if by.user is not None:
        open_assistant(pixie, by=by)


def is_removable(agent: Agent) -> bool:
    """Return whether the agent was never used: no chat, no run, no event. One query."""
    return Agent.objects.filter(
        ~Exists(ChannelMember.objects.filter(agent=agent.pk)),
        ~Exists(Run.objects.filter(agent=agent.pk)),
        ~Exists(Event.objects.filter(home=agent.home_id, actor_agent=agent.pk)),
        pk=agent.pk,
    ).exists()
