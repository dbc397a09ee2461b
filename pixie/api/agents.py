"""Who of the home's members is no person."""

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
    slug = serializers.CharField(help_text="How one mentions it: @pixie. It follows the name.")
    display_name = serializers.CharField()
    title = serializers.CharField()
    avatar_color = serializers.ChoiceField(choices=AgentColour.choices)
    system_prompt = serializers.CharField(help_text="What a language model is told, besides what every agent is.")
    model = serializers.CharField(help_text="The language model that it asks; empty: the home's, by size.")
    max_turns = serializers.IntegerField(help_text="How often it asks a language model for one answer, at most.")
    max_budget_usd = NumberField(help_text="What one answer may cost, in US$.")
    monthly_budget_usd = NumberField(allow_null=True, help_text="What it may cost in a month; null: what the home may.")
    is_active = serializers.BooleanField(help_text="It is awake, and answers.")
    version = serializers.IntegerField()


class AgentFields(serializers.Serializer):  # type: ignore[type-arg]
    title = Line(80, blank=True, required=False)
    avatar_color = serializers.ChoiceField(required=False, choices=AgentColour.choices)
    system_prompt = Text(Agent.MOST_INSTRUCTIONS, blank=True, required=False)
    model = Line(80, blank=True, required=False)
    max_turns = Integer(1, Agent.MOST_TURNS, required=False)
    max_budget_usd = ExactDecimal(
        Agent.LEAST_BUDGET, Agent.MOST_BUDGET, 4, r"^(?=[^1-9]*[1-9])[0-9]{1,3}(\.[0-9]{1,4})?$", required=False
    )
    monthly_budget_usd = ExactDecimal(
        Decimal(0), Decimal("999999.99"), 2, r"^[0-9]{1,6}(\.[0-9]{1,2})?$", required=False, allow_null=True
    )
    is_active = Boolean(required=False)


class NewAgent(AgentFields):
    display_name = Line(40)


class AgentChange(AgentFields):
    display_name = Line(40, required=False)
    version = Integer(1, help_text="The one that was seen.")


class AgentViewSet(HomeViewSet):
    scopes = ("read", "admin")

    @describe("The home's agents, Pixie first", tag=AGENTS, pages=AgentSerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        return paginate_columns(request, self.get_queryset(), ["id"], AgentSerializer)

    @describe(
        "Call an agent into life (owners)", tag=AGENTS, takes=NewAgent, gives=AgentSerializer, status=201, posts=True,
        example={"display_name": "Chef", "title": "Plans the meals", "avatar_color": "clay",
                 "system_prompt": "We like it spicy. Nobody eats pork."},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        """With blocks of its own to be filled. It hears what is said from now on, where it is named: `@chef`."""
        agent = create_agent(by=self.actor(), **self.validated_body(NewAgent))
        return Response(self.represent(agent), status=status.HTTP_201_CREATED)

    @describe("An agent", tag=AGENTS, gives=AgentSerializer)
    def retrieve(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        return Response(self.represent(self.the_agent(agent_id)))

    @describe(
        "Change an agent, put it to sleep or wake it (owners)", tag=AGENTS, takes=AgentChange, gives=AgentSerializer,
        refuses=(403, 404, 409), example={"is_active": False, "version": 1},
    )  # fmt: skip
    def partial_update(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        """One that sleeps says so once when it is spoken to. The only one awake cannot be put to sleep."""
        agent = self.the_agent(agent_id)
        return Response(self.represent(change_agent(agent, by=self.actor(), **self.validated_body(AgentChange))))

    @describe(
        "Remove an agent with whom nobody ever spoke (owners)", tag=AGENTS, status=204, refuses=(400, 403, 404)
    )  # fmt: skip
    def destroy(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        """Who has spoken or acted is part of what happened at home: put them to sleep instead."""
        remove_agent(self.the_agent(agent_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_queryset(self) -> Any:
        return Agent.objects.filter(home=self.home)

    def the_agent(self, agent_id: UUID) -> Agent:
        found: Agent = get_object_or_404(self.get_queryset(), pk=agent_id)
        return found

    def represent(self, row: Agent) -> Any:
        return AgentSerializer(row).data
