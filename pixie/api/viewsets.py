"""Talking with Pixie: the caller's own threads, one call for question and answer, and saying yes."""

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
from chat.api import serializers as chat_shapes
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
from pixie.api import serializers as shapes
from pixie.api.runs import drawn
from pixie.runs import confirmations
from pixie.runs.responses import response
from pixie.runs.wait import answer_within, run_for
from pixie.usage import costs

TALK = "Pixie"


class ThreadDoor(HomeViewSet):
    scopes = ("read", "chat")
    group = "chat"

    def get_queryset(self) -> Any:
        return threads(self.member)

    def the_thread(self, thread_id: UUID) -> Channel:
        found: Channel = get_object_or_404(self.get_queryset(), pk=thread_id)
        return found

    def the_agent(self, agent_id: UUID | None = None) -> Agent:
        """That one, or who is spoken to where nobody is named."""
        if agent_id is not None:
            return get_object_or_404(Agent, home=self.home, pk=agent_id)
        agent = Agent.objects.default_agent(self.home)
        if agent is None:
            raise Http404
        return agent

    def awake_in(self, thread: Channel) -> Agent:
        """Whose thread it is. Raises ActionError where they sleep."""
        agent = Agent.objects.get(pk__in=ChannelMember.objects.filter(channel=thread).values("agent"))
        if not agent.is_active:
            raise ActionError(_("%(agent)s is asleep. An owner can wake it in the settings.") % {"agent": agent})
        return agent

    def confirmed(self, message: Message, *, yes: bool) -> Response:
        said = confirmations.decide(message, yes=yes, by=self.actor())
        return Response({"message": said.body, "list_items": self.on_the_list()})

    def on_the_list(self) -> list[Any]:
        current = GroceryList.objects.visible_to(self.member).current()
        if current is None:
            return []
        shown = current.entries.exclude(state=EntryState.REMOVED).in_aisles()
        return entries(list(shown.values_list(*ENTRY_COLUMNS, named=True)))


class ThreadViewSet(ThreadDoor):
    @describe("One's talks with Pixie, the newest first", tag=TALK, pages=shapes.ThreadSerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        rows = self.get_queryset().filter(archived_at=None)
        return paginate_columns(request, rows, ["-created_at", "-id"], shapes.ThreadSerializer)

    @describe(
        "Begin a talk, or find the one of that title", tag=TALK, takes=shapes.NewThread, gives=shapes.ThreadSerializer,
        status=201, posts=True, example={"title": "Party on Saturday"},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        said = self.validated_body(shapes.NewThread)
        agent = self.the_agent(said.get("agent_id"))
        thread = open_assistant(agent, by=self.actor(), title=said.get("title", ""))
        return Response(shapes.ThreadSerializer(self.the_thread(thread.pk)).data, status=status.HTTP_201_CREATED)

    @describe("A talk", tag=TALK, gives=shapes.ThreadSerializer)
    def retrieve(self, request: Request, thread_id: UUID, **kwargs: Any) -> Response:
        return Response(shapes.ThreadSerializer(self.the_thread(thread_id)).data)

    @describe(
        "Rename a talk, or put it away", tag=TALK, takes=shapes.ThreadChange, gives=shapes.ThreadSerializer,
        example={"archived": True},
    )  # fmt: skip
    def partial_update(self, request: Request, thread_id: UUID, **kwargs: Any) -> Response:
        said = self.validated_body(shapes.ThreadChange)
        update_channel(self.the_thread(thread_id), by=self.actor(), **said)
        return Response(shapes.ThreadSerializer(self.the_thread(thread_id)).data)


class ThreadMessageViewSet(ThreadDoor):
    @describe("What was said in a talk, the newest first", tag=TALK, pages=chat_shapes.MessageSerializer)
    def list(self, request: Request, thread_id: UUID, **kwargs: Any) -> Response:
        rows = Message.objects.filter(channel=self.the_thread(thread_id)).told()
        return paginate(
            request, rows.values_list(*chat_shapes.MESSAGE_COLUMNS, named=True), ["-seq"], chat_shapes.messages
        )

    @describe(
        "Say something to Pixie; its answer comes as a message of its own", tag=TALK, takes=chat_shapes.NewMessage,
        gives=chat_shapes.MessageSerializer, status=201, posts=True, example={"content": "We need eggs"},
    )  # fmt: skip
    def create(self, request: Request, thread_id: UUID, **kwargs: Any) -> Response:
        thread, said = self.the_thread(thread_id), self.validated_body(chat_shapes.NewMessage)
        message = send_message(thread, said["content"], by=self.actor(), pk=said.get("id"))
        return Response(chat_shapes.one_message(message), status=status.HTTP_201_CREATED)

    @describe(
        "Answer what Pixie asks", tag=TALK, takes=shapes.Confirmation, gives=shapes.Confirmed, posts=True,
        example={"confirm": True},
    )  # fmt: skip
    def confirm(self, request: Request, thread_id: UUID, message_id: UUID, **kwargs: Any) -> Response:
        message = get_object_or_404(Message, pk=message_id, channel=self.the_thread(thread_id))
        return self.confirmed(message, yes=self.validated_body(shapes.Confirmation)["confirm"])


class TalkViewSet(ThreadDoor):
    """The home is named in the body."""

    @property
    def waits_for_others(self) -> bool:  # type: ignore[override]
        return self.action == "create"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        ApiViewSet.initial(self, request, *args, **kwargs)
        if self.action:
            self.admit(request, self.validated_body(HomeChoice)["home_id"])

    @describe(
        "Say something to Pixie, and wait for its answer", tag=TALK, takes=shapes.Said, gives=shapes.PixieResponse,
        also={202: shapes.RunAnswer}, query=shapes.WaitQuery, posts=True, refuses=(402, 403, 404),
        example={"home_id": "0199a1b2-0000-7000-8000-000000000042", "message": "We need eggs"},
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """200 with the answer when it comes in time, else 202 with the run, to be asked for at `runs/{run_id}`.

        In the thread `thread_id`, or in one's standing talk with Pixie; 400 where its agent sleeps. Who wants a
        language model to answer hears 402 when its budget is spent; without such a wish local understanding goes on.
        """
        said = self.validated_body(shapes.Said)
        wait = self.validated_query(shapes.WaitQuery).get("wait", shapes.MOST_WAITED)
        route = said.get("route", "auto")
        named = said.get("thread_id")
        thread = self.the_thread(named) if named else open_assistant(self.the_agent(), by=self.actor())
        agent = self.awake_in(thread)
        if route == "model":
            costs.check_budget(agent)
        key = request.headers.get("Idempotency-Key")
        pk = uuid5(self.member.pk, f"said under {key}") if key else None
        wish = {} if route == "auto" else {"route": route}
        asked = send_message(thread, said["message"], by=self.actor(), pk=pk, metadata=wish)
        run = run_for(asked, agent.pk)
        answer = answer_within(run, wait)
        if answer is None:
            return Response({"run": drawn(run, None)}, status=status.HTTP_202_ACCEPTED)
        return Response(response(run, answer))

    @describe(
        "Answer what Pixie asks", tag=TALK, takes=shapes.ConfirmationOf, gives=shapes.Confirmed, posts=True,
        example={"home_id": "0199a1b2-0000-7000-8000-000000000042",
                 "message_id": "0199a1b2-0000-7000-8000-000000000043", "confirm": True},
    )  # fmt: skip
    def confirm(self, request: Request) -> Response:
        said = self.validated_body(shapes.ConfirmationOf)
        message = get_object_or_404(Message.objects.visible_to(self.member), pk=said["message_id"])
        return self.confirmed(message, yes=said["confirm"])


def threads(member: Membership) -> Any:
    """The member's own talks with agents, each with `agent_id`."""
    inside = ChannelMember.objects.filter(channel=OuterRef("pk"), agent__isnull=False)
    own = Channel.objects.visible_to(member).filter(kind=ChannelKind.ASSISTANT, created_by=member.user_id)
    return own.annotate(agent_id=Subquery(inside.values("agent")[:1], output_field=UUIDField()))
