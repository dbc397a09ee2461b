"""API of the home's agents."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from homes.api.viewsets import HomeViewSet
from homes.models import Agent, AgentColour
from pantry.api.endpoints import action_endpoint, list_endpoint, retrieve_endpoint
from pantry.api.fields import Boolean, ExactDecimal, Integer, Line, NumberField, Text
from pixie.actions import change_agent, create_agent, remove_agent


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
    tag = "Agents"
    scopes = ("read", "admin")
    lookup_url_kwarg = "agent_id"
    serializer_class = AgentSerializer

    def get_queryset(self) -> Any:
        return Agent.objects.filter(home=self.home).order_by("id")

    list = list_endpoint("List the home's agents")
    create = action_endpoint(
        create_agent, "Create an agent (owners only)", request=NewAgent,
        description="The agent gets memory blocks of its own. It answers new messages that mention it, as in `@chef`.",
        example={"display_name": "Chef", "title": "Plans the meals", "avatar_color": "clay",
                 "system_prompt": "We like it spicy. Nobody eats pork."},
    )  # fmt: skip
    retrieve = retrieve_endpoint("Get an agent")
    partial_update = action_endpoint(
        change_agent, "Update an agent, put it to sleep or wake it (owners only)", request=AgentChange,
        description="An agent that is asleep says so once when it is addressed. The only active agent cannot be put to "
        "sleep.", errors=(404, 409), example={"is_active": False, "version": 1},
    )  # fmt: skip
    destroy = action_endpoint(
        remove_agent, "Delete an agent that was never used (owners only)", errors=(400, 404),
        description="Agents that were used cannot be deleted: put them to sleep instead.",
    )  # fmt: skip
