"""API of chats with agents: threads, messages and confirmations."""

from typing import Any
from uuid import UUID, uuid5

from django.db.models import OuterRef, Subquery, UUIDField
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from chat.actions import open_assistant, send_message, update_channel
from chat.api.serializers import MessageSerializer, NewMessage, message_rows, serialize_messages
from chat.models import Channel, ChannelKind, ChannelMember, Message
from groceries.api.entries import EntrySerializer, list_entries
from groceries.models import GroceryList
from homes.api.serializers import HomeChoice
from homes.api.viewsets import HomeViewSet
from homes.models import Agent
from pantry.api.endpoints import action_endpoint, endpoint, retrieve_endpoint
from pantry.api.fields import Boolean, Id, Line, QueryNumber, Text
from pantry.api.pagination import paginate
from pantry.api.viewsets import ApiViewSet
from pantry.errors import ActionError
from pixie.api.runs import PixieResponse, RunSerializer, response_data, run_data
from pixie.runs import confirmations
from pixie.runs.wait import get_run, wait_for_answer
from pixie.usage import costs

MAX_WAIT_SECONDS = 25
WAIT = QueryNumber(float, 0, MAX_WAIT_SECONDS, required=False, help_text="How long to wait for the answer, in seconds.")


class ThreadSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    agent_id = serializers.UUIDField(help_text="The agent in the chat.")
    title = serializers.CharField()
    archived_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class NewThread(serializers.Serializer):  # type: ignore[type-arg]
    title = Line(120, blank=True, required=False)
    agent_id = Id(required=False, allow_null=True, help_text="Defaults to the first agent that is awake.")


class ThreadChange(serializers.Serializer):  # type: ignore[type-arg]
    title = Line(120, blank=True, required=False)
    archived = Boolean(required=False)


class RunAnswer(serializers.Serializer):  # type: ignore[type-arg]
    run = RunSerializer()


class ChatRequest(serializers.Serializer):  # type: ignore[type-arg]
    home_id = Id()
    message = Text(Message.MAX_LENGTH)
    thread_id = Id(required=False, allow_null=True)
    route = serializers.ChoiceField(
        ["auto", "local", "model"],
        required=False,
        help_text="`local` understanding, the language `model`, or `auto` to use a model only when needed.",
    )


class Confirmation(serializers.Serializer):  # type: ignore[type-arg]
    confirm = Boolean()


class ConfirmationOf(Confirmation):
    home_id = Id()
    message_id = Id()


class Confirmed(serializers.Serializer):  # type: ignore[type-arg]
    message = serializers.CharField(help_text="Pixie's reply.")
    list_items = EntrySerializer(many=True)


class BaseThreadViewSet(HomeViewSet):
    tag = "Pixie"
    scopes = ("read", "chat")
    lookup_url_kwarg = "thread_id"
    serializer_class: Any = ThreadSerializer

    def get_queryset(self) -> Any:
        """Return the member's own chats with agents, annotated with `agent_id`."""
        agents = ChannelMember.objects.filter(channel=OuterRef("pk"), agent__isnull=False)
        chats = self.visible(Channel.objects).filter(kind=ChannelKind.ASSISTANT, created_by=self.user)
        return chats.annotate(agent_id=Subquery(agents.values("agent")[:1], output_field=UUIDField()))

    def get_agent(self, agent_id: UUID | None = None) -> Agent:
        """Return the agent, by default the first one that is awake."""
        agent = self.get_visible(Agent, pk=agent_id) if agent_id else Agent.objects.default_agent(self.home)
        if agent is None:
            raise Http404
        return agent

    def get_active_agent(self, thread: Channel) -> Agent:
        """Return the agent of the thread. Raises ActionError if it is asleep."""
        agent = Agent.objects.get(pk__in=ChannelMember.objects.filter(channel=thread).values("agent"))
        if not agent.is_active:
            raise ActionError(_("%(agent)s is asleep. An owner can wake it in the settings."), agent=agent)
        return agent

    def confirm_message(self, message: Message, *, yes: bool) -> Response:
        reply = confirmations.decide(message, yes=yes, by=self.actor())
        current = GroceryList.objects.visible_to(self.member).current() if self.can_read else None
        return Response({"message": reply.body, "list_items": list_entries(current) if current else []})


class ThreadViewSet(BaseThreadViewSet):
    @endpoint("List the caller's threads, newest first", paginated=True)
    def list(self) -> Any:
        return self.get_queryset().filter(archived_at=None).order_by("-created_at", "-id")

    @endpoint(
        "Create a thread, or get the one with that title", request=NewThread,
        example={"title": "Party on Saturday"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> Channel:
        agent = self.get_agent(data.get("agent_id"))
        return open_assistant(agent, by=self.actor(), title=data.get("title", ""))

    retrieve = retrieve_endpoint("Get a thread")
    partial_update = action_endpoint(
        update_channel, "Rename or archive a thread", request=ThreadChange, example={"archived": True}
    )

    def represent(self, row: Channel) -> Any:
        return super().represent(self.get_queryset().get(pk=row.pk))


class ThreadMessageViewSet(BaseThreadViewSet):
    serializer_class = MessageSerializer

    @endpoint("List the messages of a thread, newest first", paginated=True)
    def list(self, thread: Channel) -> Response:
        rows = Message.objects.filter(channel=thread).finished().order_by("-seq")
        return paginate(self.request, message_rows(rows), serialize_messages)

    @endpoint("Send a message in a thread", request=NewMessage, example={"content": "We need eggs"})
    def create(self, thread: Channel, data: dict[str, Any]) -> Response:
        message = send_message(thread, data["content"], by=self.actor(), pk=data.get("id"))
        return Response(serialize_messages([message])[0], status.HTTP_201_CREATED)

    @endpoint(
        "Confirm or decline what Pixie asks", request=Confirmation, response=Confirmed, without_read=True,
        example={"confirm": True},
    )  # fmt: skip
    def confirm(self, thread: Channel, data: dict[str, Any]) -> Response:
        message = get_object_or_404(Message, pk=self.kwargs["message_id"], channel=thread)
        return self.confirm_message(message, yes=data["confirm"])


class ChatViewSet(BaseThreadViewSet):
    """Chat without a thread. The home is in the request body."""

    serializer_class = PixieResponse

    @property
    def waits_for_others(self) -> bool:  # type: ignore[override]
        return self.action == "create"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        ApiViewSet.initial(self, request, *args, **kwargs)
        if self.action:
            self.load_member(request, self.validate(HomeChoice, request.data)["home_id"])

    @endpoint(
        "Send a message to Pixie and wait for the answer", request=ChatRequest, query={"wait": WAIT},
        status=200, also={202: RunAnswer}, errors=(402, 404), without_read=True,
        example={"home_id": "0199a1b2-0000-7000-8000-000000000042", "message": "We need eggs"},
    )  # fmt: skip
    def create(self, data: dict[str, Any], query: dict[str, Any]) -> Any:
        """Returns 200 with the answer if it is ready in time, else 202 with the run, to be polled at `runs/{run_id}`.

        Uses the thread `thread_id`, by default the caller's chat with Pixie; 400 if its agent is asleep. With the
        route `model`, 402 if the budget is spent; other routes then use local understanding.
        """
        by, route = self.actor(), data.get("route", "auto")
        if thread_id := data.get("thread_id"):
            thread = get_object_or_404(self.get_queryset(), pk=thread_id)
        else:
            thread = open_assistant(self.get_agent(), by=by)
        agent = self.get_active_agent(thread)
        if route == "model":
            costs.check_budget(agent)
        key = self.request.headers.get("Idempotency-Key")
        pk = uuid5(self.member.pk, f"said under {key} with {by.scopes}") if key else None
        metadata = {} if route == "auto" else {"route": route}
        message = send_message(thread, data["message"], by=by, pk=pk, metadata=metadata)
        run = get_run(message, agent.pk)
        answer = wait_for_answer(run, query.get("wait", MAX_WAIT_SECONDS))
        if answer is None:
            return Response(RunAnswer({"run": run_data(run, None)}).data, status.HTTP_202_ACCEPTED)
        return response_data(run, answer)

    @endpoint(
        "Confirm or decline what Pixie asks", request=ConfirmationOf, response=Confirmed, without_read=True,
        example={"home_id": "0199a1b2-0000-7000-8000-000000000042",
                 "message_id": "0199a1b2-0000-7000-8000-000000000043", "confirm": True},
    )  # fmt: skip
    def confirm(self, data: dict[str, Any]) -> Response:
        message = self.get_visible(Message, pk=data["message_id"])
        return self.confirm_message(message, yes=data["confirm"])
