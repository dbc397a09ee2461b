"""A home's agents, and what they know."""

from decimal import Decimal

from pantry_pixie import models
from pantry_pixie.models import AgentColour, Page
from pantry_pixie.operations import UNSET, Id, Noun, Unset, Way, operation

AGENT = "/api/homes/{home}/agents/{agent}"


class Agents(Noun[Way]):
    @operation("GET", "/api/homes/{home}/agents", Page[models.Agent])
    def list(self, home: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """The home's agents, Pixie first."""

    @operation("POST", "/api/homes/{home}/agents", models.Agent)
    def create(
        self,
        home: Id,
        display_name: str,
        *,
        title: str | Unset = UNSET,
        avatar_color: AgentColour | Unset = UNSET,
        system_prompt: str | Unset = UNSET,
        model: str | Unset = UNSET,
        max_turns: int | Unset = UNSET,
        max_budget_usd: Decimal | str | Unset = UNSET,
        monthly_budget_usd: Decimal | str | None | Unset = UNSET,
        is_active: bool | Unset = UNSET,
    ) -> None:
        """Call an agent into life (owners)."""

    @operation("GET", AGENT, models.Agent)
    def get(self, home: Id, agent: Id) -> None:
        """An agent."""

    @operation("PATCH", AGENT, models.Agent)
    def change(
        self,
        home: Id,
        agent: Id,
        version: int,
        *,
        display_name: str | Unset = UNSET,
        title: str | Unset = UNSET,
        avatar_color: AgentColour | Unset = UNSET,
        system_prompt: str | Unset = UNSET,
        model: str | Unset = UNSET,
        max_turns: int | Unset = UNSET,
        max_budget_usd: Decimal | str | Unset = UNSET,
        monthly_budget_usd: Decimal | str | None | Unset = UNSET,
        is_active: bool | Unset = UNSET,
    ) -> None:
        """Change an agent, or put it to sleep: `is_active=False` (owners). Raises Conflict when `version` is not the
        one that is there."""

    @operation("DELETE", AGENT)
    def remove(self, home: Id, agent: Id) -> None:
        """Remove an agent with whom nobody ever spoke (owners)."""


class Memory(Noun[Way]):
    @operation("GET", f"{AGENT}/memory", Page[models.MemoryBlock])
    def list(self, home: Id, agent: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """What an agent has in mind at all times."""

    @operation("GET", f"{AGENT}/memory/{{label}}", models.MemoryBlock)
    def get(self, home: Id, agent: Id, label: str) -> None:
        """A block; `member` is about oneself."""

    @operation("PATCH", f"{AGENT}/memory/{{label}}", models.MemoryBlock)
    def write(self, home: Id, agent: Id, label: str, content: str, version: int) -> None:
        """Write another text into a block. Raises Conflict when `version` is not the one that is there."""

    @operation("GET", f"{AGENT}/memory/{{label}}/history", Page[models.MemoryPast])
    def history(
        self, home: Id, agent: Id, label: str, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET
    ) -> None:
        """What stood in a block before, the newest first."""

    @operation("POST", f"{AGENT}/memory/{{label}}/readers", models.MemoryBlock)
    def share(self, home: Id, agent: Id, label: str, agent_id: Id) -> None:
        """Let another agent read a block, in the place of its own of that label."""

    @operation("DELETE", f"{AGENT}/memory/{{label}}/readers/{{reader}}")
    def unshare(self, home: Id, agent: Id, label: str, reader: Id) -> None:
        """Let that agent read it no more."""


class Passages(Noun[Way]):
    @operation("GET", f"{AGENT}/passages", Page[models.Passage])
    def list(
        self,
        home: Id,
        agent: Id,
        *,
        q: str | Unset = UNSET,
        limit: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> None:
        """What an agent finds again, the newest first; with `q` what it is about, the best first."""

    @operation("POST", f"{AGENT}/passages", models.Passage)
    def remember(self, home: Id, agent: Id, content: str, *, for_home: bool | Unset = UNSET) -> None:
        """Tell an agent something: for oneself alone, or for everybody at home."""

    @operation("GET", f"{AGENT}/passages/{{passage}}", models.Passage)
    def get(self, home: Id, agent: Id, passage: Id) -> None:
        """A passage."""

    @operation("PATCH", f"{AGENT}/passages/{{passage}}", models.Passage)
    def correct(self, home: Id, agent: Id, passage: Id, content: str, version: int) -> None:
        """Put a passage right; it is a note of one's own then. Raises Conflict when `version` is not the one there."""

    @operation("DELETE", f"{AGENT}/passages/{{passage}}")
    def forget(self, home: Id, agent: Id, passage: Id) -> None:
        """Have an agent forget something, for good."""
