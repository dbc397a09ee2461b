"""API of chats with agents: threads, messages and confirmations."""

from typing import Any
from uuid import UUID, uuid5

from django.db.models import OuterRef, Subquery, UUIDField
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from chat.actions import open_assistant, send_message, update_channel
from chat.api import serializers as chat_serializers
from chat.models import Channel, ChannelKind, ChannelMember, Message
from groceries.api.serializers import ENTRY_COLUMNS, entries
from groceries.models import EntryState, GroceryList
from homes.api.serializers import HomeChoice
from homes.api.viewsets import HomeViewSet
from homes.models import Agent, Membership
from pantry.api.pagination import paginate, paginate_columns
from pantry.api.schema import describe
from pantry.api.viewsets import ApiViewSet
from pantry.errors import ActionError
from pixie.api import serializers
from pixie.api.runs import run_data
from pixie.runs import confirmations
from pixie.runs.wait import build_response, get_run, wait_for_answer
from pixie.usage import costs

TALK = "Pixie"


class BaseThreadViewSet(HomeViewSet):
    scopes = ("read", "chat")
    group = "chat"

    def get_queryset(self) -> Any:
        return threads(self.member)

    def get_thread(self, thread_id: UUID) -> Channel:
        thread: Channel = get_object_or_404(self.get_queryset(), pk=thread_id)
        return thread

    def get_agent(self, agent_id: UUID | None = None) -> Agent:
        """Return the agent, by default the first one that is awake."""
        if agent_id is not None:
            return get_object_or_404(Agent, home=self.home, pk=agent_id)
        agent = Agent.objects.default_agent(self.home)
        if agent is None:
            raise Http404
        return agent

    def get_active_agent(self, thread: Channel) -> Agent:
        """Return the agent of the thread. Raises ActionError if it is asleep."""
        agent = Agent.objects.get(pk__in=ChannelMember.objects.filter(channel=thread).values("agent"))
        if not agent.is_active:
            raise ActionError(_("%(agent)s is asleep. An owner can wake it in the settings.") % {"agent": agent})
        return agent

    def confirm_message(self, message: Message, *, yes: bool) -> Response:
        reply = confirmations.decide(message, yes=yes, by=self.actor())
        return Response({"message": reply.body, "list_items": self.get_list_items()})

    def get_list_items(self) -> list[Any]:
        current = GroceryList.objects.visible_to(self.member).current()
        if current is None:
            return []
        listed = current.entries.exclude(state=EntryState.REMOVED).in_aisles()
        return entries(list(listed.values_list(*ENTRY_COLUMNS, named=True)))


class ThreadViewSet(BaseThreadViewSet):
    @describe("List the caller's threads, newest first", tag=TALK, pages=serializers.ThreadSerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        rows = self.get_queryset().filter(archived_at=None)
        return paginate_columns(request, rows, ["-created_at", "-id"], serializers.ThreadSerializer)

    @describe(
        "Create a thread, or get the one with that title", tag=TALK, takes=serializers.NewThread,
        gives=serializers.ThreadSerializer, status=201, posts=True, example={"title": "Party on Saturday"},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        data = self.validated_body(serializers.NewThread)
        agent = self.get_agent(data.get("agent_id"))
        thread = open_assistant(agent, by=self.actor(), title=data.get("title", ""))
        return Response(serializers.ThreadSerializer(self.get_thread(thread.pk)).data, status=status.HTTP_201_CREATED)

    @describe("Get a thread", tag=TALK, gives=serializers.ThreadSerializer)
    def retrieve(self, request: Request, thread_id: UUID, **kwargs: Any) -> Response:
        return Response(serializers.ThreadSerializer(self.get_thread(thread_id)).data)

    @describe(
        "Rename or archive a thread", tag=TALK, takes=serializers.ThreadChange, gives=serializers.ThreadSerializer,
        example={"archived": True},
    )  # fmt: skip
    def partial_update(self, request: Request, thread_id: UUID, **kwargs: Any) -> Response:
        data = self.validated_body(serializers.ThreadChange)
        update_channel(self.get_thread(thread_id), by=self.actor(), **data)
        return Response(serializers.ThreadSerializer(self.get_thread(thread_id)).data)


class ThreadMessageViewSet(BaseThreadViewSet):
    @describe("List the messages of a thread, newest first", tag=TALK, pages=chat_serializers.MessageSerializer)
    def list(self, request: Request, thread_id: UUID, **kwargs: Any) -> Response:
        rows = Message.objects.filter(channel=self.get_thread(thread_id)).finished()
        return paginate(
            request,
            rows.values_list(*chat_serializers.MESSAGE_COLUMNS, named=True),
            ["-seq"],
            chat_serializers.serialize_messages,
        )

    @describe(
        "Send a message in a thread", tag=TALK, takes=chat_serializers.NewMessage,
        gives=chat_serializers.MessageSerializer, status=201, posts=True, example={"content": "We need eggs"},
    )  # fmt: skip
    def create(self, request: Request, thread_id: UUID, **kwargs: Any) -> Response:
        thread, data = self.get_thread(thread_id), self.validated_body(chat_serializers.NewMessage)
        message = send_message(thread, data["content"], by=self.actor(), pk=data.get("id"))
        return Response(chat_serializers.serialize_message(message), status=status.HTTP_201_CREATED)

    @describe(
        "Confirm or decline what Pixie asks", tag=TALK, takes=serializers.Confirmation,
        gives=serializers.Confirmed, posts=True, example={"confirm": True},
    )  # fmt: skip
    def confirm(self, request: Request, thread_id: UUID, message_id: UUID, **kwargs: Any) -> Response:
        message = get_object_or_404(Message, pk=message_id, channel=self.get_thread(thread_id))
        return self.confirm_message(message, yes=self.validated_body(serializers.Confirmation)["confirm"])


class TalkViewSet(BaseThreadViewSet):
    """Chat without a thread. The home is in the request body."""

    @property
    def waits_for_others(self) -> bool:  # type: ignore[override]
        return self.action == "create"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        ApiViewSet.initial(self, request, *args, **kwargs)
        if self.action:
            self.load_member(request, self.validated_body(HomeChoice)["home_id"])

    @describe(
        "Send a message to Pixie and wait for the answer", tag=TALK,
        takes=serializers.ChatRequest, gives=serializers.PixieResponse, also={202: serializers.RunAnswer},
        query=serializers.WaitQuery, posts=True, refuses=(402, 403, 404),
        example={"home_id": "0199a1b2-0000-7000-8000-000000000042", "message": "We need eggs"},
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Returns 200 with the answer if it is ready in time, else 202 with the run, to be polled at `runs/{run_id}`.

        Uses the thread `thread_id`, by default the caller's chat with Pixie; 400 if its agent is asleep. With the
        route `model`, 402 if the budget is spent; other routes then use local understanding.
        """
        data = self.validated_body(serializers.ChatRequest)
        wait = self.validated_query(serializers.WaitQuery).get("wait", serializers.MAX_WAIT_SECONDS)
        route = data.get("route", "auto")
        thread_id = data.get("thread_id")
        thread = self.get_thread(thread_id) if thread_id else open_assistant(self.get_agent(), by=self.actor())
        agent = self.get_active_agent(thread)
        if route == "model":
            costs.check_budget(agent)
        key = request.headers.get("Idempotency-Key")
        pk = uuid5(self.member.pk, f"said under {key}") if key else None
        metadata = {} if route == "auto" else {"route": route}
        message = send_message(thread, data["message"], by=self.actor(), pk=pk, metadata=metadata)
        run = get_run(message, agent.pk)
        answer = wait_for_answer(run, wait)
        if answer is None:
            return Response({"run": run_data(run, None)}, status=status.HTTP_202_ACCEPTED)
        return Response(build_response(run, answer))

    @describe(
        "Confirm or decline what Pixie asks", tag=TALK, takes=serializers.ConfirmationOf,
        gives=serializers.Confirmed, posts=True,
        example={"home_id": "0199a1b2-0000-7000-8000-000000000042",
                 "message_id": "0199a1b2-0000-7000-8000-000000000043", "confirm": True},
    )  # fmt: skip
    def confirm(self, request: Request) -> Response:
        data = self.validated_body(serializers.ConfirmationOf)
        message = get_object_or_404(Message.objects.visible_to(self.member), pk=data["message_id"])
        return self.confirm_message(message, yes=data["confirm"])


def threads(member: Membership) -> Any:
    """Return the member's own chats with agents, annotated with `agent_id`."""
    agents = ChannelMember.objects.filter(channel=OuterRef("pk"), agent__isnull=False)
    chats = Channel.objects.visible_to(member).filter(kind=ChannelKind.ASSISTANT, created_by=member.user_id)
    return chats.annotate(agent_id=Subquery(agents.values("agent")[:1], output_field=UUIDField()))
