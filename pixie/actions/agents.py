"""Who of the household is no person: called into life, changed, put to sleep."""

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from chat.actions import open_assistant
from chat.actions.channels import normalize_room_name
from chat.models import ChannelMember
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.events.models import Event, Origin
from homes.models import Agent, Home, Membership
from pantry.errors import ActionError, Forbidden, StaleVersion
from pantry.text import clean_line, clean_text, visible_line
from pixie.actions.blocks import found_blocks, unshare_block
from pixie.models import MemoryBlock, Run

MOST_AGENTS = 20  # of a home
FIELDS = (
    "title",
    "avatar_color",
    "system_prompt",
    "model",
    "max_turns",
    "max_budget_usd",
    "monthly_budget_usd",
    "is_active",
)
NAMELESS = "agent"  # the mention name of one whose own cannot be typed


@action
def create_agent(display_name: str, *, by: Actor, **fields: Any) -> Agent:
    """One more, with what every agent begins with in mind. It reads what is said from now on.

    Raises Forbidden for members, ActionError for a name that is empty or somebody's already, and ValidationError for
    values that no agent can have.
    """
    _check_owner(by)
    home = Home.objects.get(pk=by.home.pk)
    if Agent.objects.filter(home=home).count() >= MOST_AGENTS:
        raise ActionError(_("%(most)d agents are as many as a home has room for.") % {"most": MOST_AGENTS})
    agent = Agent(home=home, mail_seq=home.last_seq)
    agent.assign(**_named(display_name, agent), **_cleaned(fields))
    agent.clean_fields()
    agent.save(force_insert=True)
    record("agent_created", agent, by=by)
    found_blocks(agent, by=by)
    return agent


@action
def change_agent(agent: Agent, *, by: Actor, version: int | None = None, **fields: Any) -> Agent:
    """Another name, colour, title, instructions, model or limits; asleep or awake, `is_active`. The mention name
    follows the name.

    Raises Forbidden for members, StaleVersion when `version` is not the current one, ActionError for a name that is
    taken and for the only agent that is awake, and ValidationError for values that no agent can have.
    """
    _check_owner(by)
    agent = _current(agent)
    if version is not None and version != agent.version:
        raise StaleVersion(_("This was changed meanwhile."), agent)
    named = _named(fields.pop("display_name"), agent) if "display_name" in fields else {}
    if fields.get("is_active") is False:
        _keep_one_awake(agent, by)
    if changes := agent.assign(**named, **_cleaned(fields)):
        agent.clean_fields()
        agent.version += 1
        agent.save()
        record("agent_updated", agent, by=by, changes=changes)
    return agent


@action
def remove_agent(agent: Agent, *, by: Actor) -> None:
    """One with whom nobody ever spoke leaves nothing behind, but for what is remembered with it.

    Raises Forbidden for members, and ActionError for one that has spoken or acted, and for the only one who is awake.
    """
    _check_owner(by)
    agent = _current(agent)
    if not is_removable(agent):
        raise ActionError(
            _("%(agent)s has taken part in the home, and that stays. You can put it to sleep.") % {"agent": agent}
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


def _current(agent: Agent) -> Agent:
    current: Agent = Agent.objects.select_related("home").get(pk=agent.pk)
    return current


def _keep_one_awake(agent: Agent, by: Actor) -> None:
    """Who runs the server may put to sleep whom they must."""
    others = Agent.objects.filter(home=agent.home_id, is_active=True).exclude(pk=agent.pk)
    if agent.is_active and by.origin != Origin.ADMIN and not others.exists():
        raise ActionError(_("%(agent)s is the only one awake. Wake another agent first.") % {"agent": agent})


def _named(display_name: str, agent: Agent) -> dict[str, str]:
    """The name, and the one that it is mentioned by: in small letters of any script, without spaces."""
    name = visible_line(display_name)[:40].strip()
    if not name:
        raise ActionError(_("An agent needs a name, to be called by."))
    others = Agent.objects.filter(home=agent.home_id).exclude(pk=agent.pk).values_list("display_name", "slug")
    people = Membership.objects.filter(home=agent.home_id).values_list("user__name", flat=True)
    taken = {name.casefold() for pair in others for name in pair} | {name.casefold() for name in people}
    slugs = {slug for _name, slug in others} | {normalize_room_name(name) for name in people} - {""}
    slug = normalize_room_name(name)
    if name.casefold() in taken or slug in slugs:
        raise ActionError(_("Somebody at home is called %(name)s already. Choose another name.") % {"name": name})
    return {"display_name": name, "slug": slug or _numbered(slugs)}


def _numbered(taken: set[str]) -> str:
    names = [NAMELESS, *(f"{NAMELESS}-{number}" for number in range(2, MOST_AGENTS + len(taken) + 2))]
    return next(name for name in names if name not in taken)


def _cleaned(fields: dict[str, Any]) -> dict[str, Any]:
    """Raises TypeError for what is no field of an agent."""
    if unknown := fields.keys() - set(FIELDS):
        raise TypeError(f"an agent has no {', '.join(sorted(unknown))}")
    cleaned: dict[str, Any] = {name: clean_line(fields[name]) for name in ("title", "model") if name in fields}
    if "system_prompt" in fields:
        cleaned["system_prompt"] = clean_text(fields["system_prompt"])
    return {**fields, **cleaned}


def furnish_pixie(by: Actor) -> None:
    """The agent, and a talk with it for whoever founds the home."""
    pixie = create_agent("Pixie", by=by, title=_("Steward of the home"))
    if by.user is not None:
        open_assistant(pixie, by=by)


def is_removable(agent: Agent) -> bool:
    """Nobody spoke with it, and it did nothing. One query."""
    spoken_with = Exists(ChannelMember.objects.filter(agent=OuterRef("pk"))) | Exists(
        Run.objects.filter(agent=OuterRef("pk"))
    )
    has_acted = Exists(Event.objects.filter(home=agent.home_id, actor_agent=OuterRef("pk")))
    untouched: bool = Agent.objects.filter(pk=agent.pk).exclude(Q(spoken_with) | Q(has_acted)).exists()
    return untouched
