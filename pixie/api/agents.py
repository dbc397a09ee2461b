"""API of the home's agents."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from homes.api.viewsets import HomeViewSet
from homes.models import Agent, AgentColour
from pantry.api.fields import Boolean, ExactDecimal, Integer, Line, NumberField, Text
from pantry.api.pagination import paginate_columns
from pantry.api.schema import describe
from pixie.actions import change_agent, create_agent, remove_agent

AGENTS = "Agents"


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
    monthly_budget_usd = NumberField(
        allow_null=True, help_text="Monthly limit, in US$; null for the home's limit only."
    )
    is_active = serializers.BooleanField(help_text="Whether the agent is awake and answers.")
    version = serializers.IntegerField()


class AgentFields(serializers.Serializer):  # type: ignore[type-arg]
    title = Line(80, blank=True, required=False)
    avatar_color = serializers.ChoiceField(required=False, choices=AgentColour.choices)
    system_prompt = Text(Agent.MAX_INSTRUCTIONS_CHARS, blank=True, required=False)
    model = Line(80, blank=True, required=False)
    max_turns = Integer(1, Agent.MAX_TURNS, required=False)
    max_budget_usd = ExactDecimal(
        Agent.MIN_BUDGET_USD, Agent.MAX_BUDGET_USD, 4, r"^(?=[^1-9]*[1-9])[0-9]{1,3}(\.[0-9]{1,4})?$", required=False
    )
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
    scopes = ("read", "admin")

    @describe("List the home's agents", tag=AGENTS, pages=AgentSerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        return paginate_columns(request, self.get_queryset(), ["id"], AgentSerializer)

    @describe(
        "Create an agent (owners only)", tag=AGENTS, takes=NewAgent, gives=AgentSerializer, status=201, posts=True,
        example={"display_name": "Chef", "title": "Plans the meals", "avatar_color": "clay",
                 "system_prompt": "We like it spicy. Nobody eats pork."},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        """The agent gets memory blocks of its own. It answers new messages that mention it, as in `@chef`."""
        agent = create_agent(by=self.actor(), **self.validated_body(NewAgent))
        return Response(self.represent(agent), status=status.HTTP_201_CREATED)

    @describe("Get an agent", tag=AGENTS, gives=AgentSerializer)
    def retrieve(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        return Response(self.represent(self.get_agent(agent_id)))

    @describe(
        "Update an agent, put it to sleep or wake it (owners only)", tag=AGENTS, takes=AgentChange,
        gives=AgentSerializer, refuses=(403, 404, 409), example={"is_active": False, "version": 1},
    )  # fmt: skip
    def partial_update(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        """An agent that is asleep says so once when it is addressed. The only active agent cannot be put to sleep."""
        agent = self.get_agent(agent_id)
        return Response(self.represent(change_agent(agent, by=self.actor(), **self.validated_body(AgentChange))))

    @describe(
        "Delete an agent that was never used (owners only)", tag=AGENTS, status=204, refuses=(400, 403, 404)
    )  # fmt: skip
    def destroy(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        """Agents that were used cannot be deleted: put them to sleep instead."""
        remove_agent(self.get_agent(agent_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_queryset(self) -> Any:
        return Agent.objects.filter(home=self.home)

    def get_agent(self, agent_id: UUID) -> Agent:
        agent: Agent = get_object_or_404(self.get_queryset(), pk=agent_id)
        return agent

    def represent(self, row: Agent) -> Any:
        return AgentSerializer(row).data
