"""API of the home's agents and of their memory."""

from decimal import Decimal
from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from chat.actions import open_assistant
from homes.api.viewsets import HomeViewSet
from homes.events.models import Event
from homes.models import Agent, AgentColour
from pantry.api.endpoints import action_endpoint, endpoint, list_endpoint, retrieve_endpoint
from pantry.api.fields import Boolean, ExactDecimal, Id, Integer, Line, NumberField, Text
from pantry.api.pagination import MAX_LIMIT, paginate, read_limit
from pixie import actions
from pixie.memory import search
from pixie.models import MemoryBlock, Passage, Source

BUDGET = r"^(100(\.0{1,4})?|(?=[^1-9]*[1-9])[0-9]{1,2}(\.[0-9]{1,4})?)$"  # from 0.0001 to 100


class AgentSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    slug = serializers.CharField(help_text="The mention name, as in @pixie. Follows the display name.")
    display_name = serializers.CharField()
    title = serializers.CharField()
    avatar_color = serializers.ChoiceField(choices=AgentColour.choices)
    system_prompt = serializers.CharField(help_text="Additional instructions for the language model.")
    model = serializers.CharField(help_text="The language model to use; empty for the home's.")
    max_turns = serializers.IntegerField(help_text="Maximum number of model calls per answer.")
    max_budget_usd = NumberField(help_text="Maximum cost per answer, in US$.")
    monthly_budget_usd = NumberField(allow_null=True, help_text="Monthly limit in US$; null for the home's limit only.")
    is_active = serializers.BooleanField(help_text="Whether the agent is awake and answers.")
    version = serializers.IntegerField()


class AgentFields(serializers.Serializer):  # type: ignore[type-arg]
    title = Line(80, blank=True, required=False)
    avatar_color = serializers.ChoiceField(required=False, choices=AgentColour.choices)
    system_prompt = Text(Agent.MAX_INSTRUCTIONS_CHARS, blank=True, required=False)
    model = Line(80, blank=True, required=False)
    max_turns = Integer(1, Agent.MAX_TURNS, required=False)
    max_budget_usd = ExactDecimal(Agent.MIN_BUDGET_USD, Agent.MAX_BUDGET_USD, 4, BUDGET, required=False)
    monthly_budget_usd = ExactDecimal(
        Decimal(0), Decimal("999999.99"), 2, r"^[0-9]{1,6}(\.[0-9]{1,2})?$", required=False, allow_null=True
    )
    is_active = Boolean(required=False)


class NewAgent(AgentFields):
    display_name = Line(40)


class AgentChange(AgentFields):
    display_name = Line(40, required=False)
    version = Integer(1, help_text="The version that was read. Another one gives 409.")


class AgentViewSet(HomeViewSet):
    tag = "Agents"
    scopes = ("read", "admin")
    lookup_url_kwarg = "agent_id"
    queryset = Agent.objects.order_by("id")
    serializer_class = AgentSerializer

    list = list_endpoint("List the home's agents")
    create = action_endpoint(
        actions.create_agent, "Create an agent (owners only)", request=NewAgent,
        description="The agent gets memory blocks of its own. It answers new messages that mention it, as in `@chef`.",
        example={"display_name": "Chef", "title": "Plans the meals", "avatar_color": "clay",
                 "system_prompt": "We like it spicy. Nobody eats pork."},
    )  # fmt: skip
    retrieve = retrieve_endpoint("Get an agent")
    partial_update = action_endpoint(
        actions.change_agent, "Update an agent, put it to sleep or wake it (owners only)", request=AgentChange,
        description="An agent that is asleep says so once when it is addressed. "
        "The only active agent cannot be put to sleep.",
        errors=(404, 409), example={"is_active": False, "version": 1},
    )  # fmt: skip
    destroy = action_endpoint(
        actions.remove_agent, "Delete an agent that was never used (owners only)", errors=(400, 404),
        description="Agents that were used cannot be deleted: put them to sleep instead.",
    )  # fmt: skip


class BlockSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField(allow_null=True, help_text="Null if the block has never been written.")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="personality, household, preferences, or member for the one about the caller."
    )
    user_id = serializers.UUIDField(allow_null=True, help_text="The member it is about, if any.")
    content = serializers.CharField()
    char_limit = serializers.IntegerField()
    version = serializers.IntegerField(help_text="0 if the block has never been written.")
    agent_id = serializers.UUIDField(help_text="The agent that owns the block, which may share it with this one.")
    is_shared = serializers.BooleanField(help_text="Whether other agents read it, too.")
    shared_with = serializers.ListField(child=serializers.UUIDField(), help_text="Ids of other agents that read it.")


class NewReader(serializers.Serializer):  # type: ignore[type-arg]
    agent_id = Id(help_text="Another agent of the home.")


class BlockChange(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(MemoryBlock.MAX_CHARS, blank=True)
    version = Integer(0, help_text="The version that was read. Another one gives 409.")


class BlockPast(serializers.Serializer):  # type: ignore[type-arg]
    """A version of a memory block."""

    seq = serializers.IntegerField()
    user_id = serializers.UUIDField(source="actor_user_id", allow_null=True, help_text="The member who wrote it.")
    agent_id = serializers.UUIDField(source="actor_agent_id", allow_null=True)
    content = serializers.CharField(source="data.block.content")
    version = serializers.IntegerField(source="data.block.version")
    at = serializers.DateTimeField(source="moment")


class PassageSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    content = serializers.CharField()
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]
    source_id = serializers.UUIDField(allow_null=True, help_text="The message or purchase it comes from.")
    channel_id = serializers.UUIDField(allow_null=True, help_text="Visible to its members; null for the whole home.")
    user_id = serializers.UUIDField(allow_null=True, help_text="The member who said or did it.")
    author_name = serializers.CharField(help_text="Name of an author without an account.")
    tags = serializers.ListField(child=serializers.CharField())
    said_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class PassageChange(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(Passage.MAX_LENGTH)
    version = Integer(1, help_text="The version that was read. Another one gives 409.")


class NewPassage(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(Passage.MAX_LENGTH)
    for_home = Boolean(required=False, help_text="True for the whole home; otherwise only for the caller.")


class BlockViewSet(HomeViewSet):
    tag = "Memory"
    scopes = ("read", "chat")
    lookup_url_kwarg = "label"
    serializer_class: Any = BlockSerializer

    def get_agent(self) -> Any:
        return self.get_visible(Agent, pk=self.kwargs["agent_id"])

    def get_queryset(self) -> Any:
        return self.visible(MemoryBlock.objects.read_by(self.get_agent()))

    def get_object(self) -> MemoryBlock:
        label = self.kwargs["label"]
        block: MemoryBlock | None = self.get_queryset().filter(label=label).first()
        if block is None and label != MemoryBlock.MEMBER_LABEL:
            raise Http404
        return block or MemoryBlock(home=self.home, agent=self.get_agent(), label=label, user=self.user)

    @endpoint("List an agent's memory blocks", paginated=True, columns=False)
    def list(self) -> Any:
        """The block `member` is about the caller. Blocks about other members are not visible."""
        return self.get_queryset().prefetch_related("links").order_by("label", "id")

    retrieve = retrieve_endpoint("Get a memory block")

    @endpoint(
        "Update a memory block", request=BlockChange, errors=(404, 409),
        example={"content": "Two cats. Nobody eats pork.", "version": 1},
    )  # fmt: skip
    def partial_update(self, block: MemoryBlock, data: dict[str, Any]) -> MemoryBlock:
        return actions.write_block(self.get_agent(), block.label, by=self.actor(), **data)

    @endpoint("List the versions of a memory block, newest first", paginated=True, response=BlockPast)
    def history(self, block: MemoryBlock) -> Response:
        events = Event.objects.filter(home=self.home, subject_id=block.pk, redacted_at=None)
        rows = events.filter(type__in=("memory_block_created", "memory_block_updated")).order_by("-seq")
        return paginate(self.request, rows, lambda page: BlockPast(page, many=True).data)

    @endpoint(
        "Share a memory block with another agent", request=NewReader,
        example={"agent_id": "0199a1b2-0000-7000-8000-000000000042"},
    )  # fmt: skip
    def share(self, block: MemoryBlock, data: dict[str, Any]) -> MemoryBlock:
        """The agent reads it instead of its own block with that label. Idempotent."""
        self.check_own(block)
        return actions.share_block(block, self.get_visible(Agent, pk=data["agent_id"]), by=self.actor())

    @endpoint("Stop sharing a memory block with an agent", status=204)
    def unshare(self, block: MemoryBlock) -> None:
        self.check_own(block)
        actions.unshare_block(block, self.get_visible(Agent, pk=self.kwargs["reader_id"]), by=self.actor())

    def check_own(self, block: MemoryBlock) -> None:
        """Raise Http404 for a block that another agent shares with this one."""
        if block._state.adding or block.agent_id != self.kwargs["agent_id"]:
            raise Http404

    def represent(self, row: MemoryBlock) -> Any:
        unwritten = {"id": None, "version": 0} if row._state.adding else {}
        return {**BlockSerializer(row).data, **unwritten}


class PassageViewSet(HomeViewSet):
    tag = "Memory"
    scopes = ("read", "chat")
    lookup_url_kwarg = "passage_id"
    serializer_class = PassageSerializer

    def get_agent(self) -> Any:
        return self.get_visible(Agent, pk=self.kwargs["agent_id"])

    def get_queryset(self) -> Any:
        return search.visible_passages(self.member, agent=self.get_agent())

    @endpoint(
        "List or search an agent's passages, newest first", paginated=True,
        query={"q": Text(500, blank=True, required=False, help_text="Search by words and meaning.")},
    )  # fmt: skip
    def list(self, query: dict[str, Any]) -> Any:
        """With `q`, the best matches first, on a single page."""
        words = query.get("q", "").strip()
        if not words:
            return self.get_queryset().order_by("-said_at", "-id")
        hits = search.search(self.get_queryset(), self.home, words, read_limit(self.request, MAX_LIMIT))
        return Response({"results": [self.represent(hit.passage) for hit in hits], "next": None, "previous": None})

    @endpoint(
        "Add a passage to an agent's memory", request=NewPassage, also={200: PassageSerializer},
        example={"content": "The plumber is Mr. Somchai, 081 234 5678", "for_home": True},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> Response:
        """Returns 200 if it is already known in the same words."""
        agent, by = self.get_agent(), self.actor()
        audience: dict[str, Any] = {}
        if not data.get("for_home"):
            audience = {"channel": open_assistant(agent, by=by), "agent": agent}
        return self.created(*actions.remember_passage(data["content"], by=by, **audience))

    retrieve = retrieve_endpoint("Get a passage")
    partial_update = action_endpoint(
        actions.correct_passage, "Correct a passage", request=PassageChange, errors=(404, 409),
        description="The passage becomes a note by the caller. Its audience does not change.",
        example={"content": "The rent is due on the 6th", "version": 1},
    )  # fmt: skip
    destroy = action_endpoint(actions.forget_passage, "Delete a passage permanently")
