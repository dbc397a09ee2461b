"""Pages of channels, threads and their messages, of new rooms and chats, and of the members of a room."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as flash
from django.db.models import F
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from chat.actions import (
    add_reaction,
    create_channel,
    delete_message,
    edit_message,
    join_channel,
    leave_channel,
    mark_read,
    open_assistant,
    open_dm,
    remove_reaction,
    send_message,
)
from chat.forms import AgentChatForm, MessageForm, RoomForm
from chat.models import Channel, ChannelKind, ChannelMember, Message
from chat.presenters import ChannelPresenter
from chat.unread import with_unread
from homes.decorators import MemberRequest, error_messages, member_form, member_page, member_post
from homes.models import Agent, Membership
from pantry.errors import ActionError
from pantry.forms import form_errors, render_form, with_retry_after
from pantry.text import clean_text

EMOJI = ["❤️", "👍", "😂", "🎉", "😮", "🙏"]
PAGE_SIZE = 60
MAX_SEQ_DIGITS = 18


@member_page
def chat(request: MemberRequest) -> HttpResponse:
    """Redirect to the channel with the most unread messages, else to the first room."""
    first = with_unread(request.member).order_by("-unread", F("is_system").desc(), "created_at").first()
    if first is None:
        raise Http404
    return redirect("chat:channel", request.home.pk, first.pk)


@member_page
def channel_page(request: MemberRequest, channel_id: UUID, message_id: UUID | None = None) -> HttpResponse:
    """Show the channel or, with `message_id`, that thread."""
    root = get_message(request, channel_id, message_id) if message_id else None
    return render_channel(request, channel_id, root=root)


@member_post
def send(request: MemberRequest, channel_id: UUID, message_id: UUID | None = None) -> HttpResponse:
    """Send a message to the channel or, with `message_id`, to that thread. The operation's id is the message's."""
    channel = get_channel(request, channel_id)
    root = get_message(request, channel_id, message_id) if message_id else None
    body = message_text(request)
    try:
        send_message(channel, body, by=request.actor, parent=root, pk=request.actor.op_id)
    except ActionError as error:
        flash.error(request, str(error))
        return with_retry_after(render_channel(request, channel_id, root=root, draft=body, status=422), error)
    return respond_after(request, channel_id, root)


@member_post
def read(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    """Mark the messages up to `seq` as read, for a page without a socket or without JavaScript."""
    channel = get_channel(request, channel_id)
    seq = request.POST.get("seq", "")
    if not seq.isdecimal() or len(seq) > MAX_SEQ_DIGITS:
        return HttpResponseBadRequest()
    mark_read(channel, request.member.user, min(int(seq), request.home.last_seq))
    return redirect(channel_url(request, channel_id))


@member_post
def react(request: MemberRequest, channel_id: UUID, message_id: UUID) -> HttpResponse:
    """Add the reaction `emoji`, or remove one's own with `take_back`."""
    message = get_message(request, channel_id, message_id)
    with error_messages(request):
        if "take_back" in request.POST:
            remove_reaction(message, clean_text(request.POST["take_back"]), by=request.actor)
        else:
            add_reaction(message, request.POST.get("emoji", ""), by=request.actor)
        return respond_after(request, channel_id, message.parent)
    return render_channel(request, channel_id, status=422)


@member_form
def edit(request: MemberRequest, channel_id: UUID, message_id: UUID) -> HttpResponse:
    message = get_message(request, channel_id, message_id)
    form = MessageForm(request.POST or None, initial={"body": message.body})
    if form.is_valid():
        with form_errors(form):
            edit_message(message, form.cleaned_data["body"], by=request.actor)
            return redirect(channel_url(request, channel_id, message.parent))
    return render_form(request, "chat/message_edit.html", form, message=message, tab="chat")


@member_post
def delete(request: MemberRequest, channel_id: UUID, message_id: UUID) -> HttpResponse:
    message = get_message(request, channel_id, message_id)
    with error_messages(request):
        delete_message(message, by=request.actor)
        return respond_after(request, channel_id, message.parent)
    return render_channel(request, channel_id, status=422)


@member_form
def new_room(request: MemberRequest) -> HttpResponse:
    form = RoomForm(request.POST or None)
    if form.is_valid():
        with form_errors(form, "name"):
            channel = create_channel(by=request.actor, **form.cleaned_data)
            return redirect(channel_url(request, channel.pk))
    return render_form(request, "chat/room_new.html", form, tab="chat")


@member_form
def new_agent_chat(request: MemberRequest) -> HttpResponse:
    """Start a titled chat with one of the active agents."""
    agents = Agent.objects.filter(home=request.home, is_active=True).order_by("created_at")
    if not agents:
        flash.error(request, _("All agents of this home are asleep."))
        return redirect("chat:chat", request.home.pk)
    form = AgentChatForm(request.POST or None, agents=agents)
    if form.is_valid():
        agent = form.only or form.cleaned_data["agent"]
        channel = open_assistant(agent, by=request.actor, title=form.cleaned_data["title"])
        return redirect(channel_url(request, channel.pk))
    return render_form(request, "chat/agent_chat_new.html", form, tab="chat")


@member_post
def open_direct_message(request: MemberRequest, user_id: UUID) -> HttpResponse:
    other = get_object_or_404(Membership.objects.visible_to(request.member), user=user_id)
    with error_messages(request):
        return redirect(channel_url(request, open_dm(other.user, by=request.actor).pk))
    return redirect("chat:chat", request.home.pk)


@member_post
def open_agent_chat(request: MemberRequest, agent_id: UUID) -> HttpResponse:
    """Open the chat with the agent that has the `title` in the form, or the untitled one."""
    agent = get_object_or_404(Agent, pk=agent_id, home=request.home)
    with error_messages(request):
        channel = open_assistant(agent, by=request.actor, title=request.POST.get("title", ""))
        return redirect(channel_url(request, channel.pk))
    return redirect("chat:new_agent_chat", request.home.pk)


@member_form
def people(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    """List the members of a room. Members of a private room can add others."""
    channel = get_channel(request, channel_id)
    member_ids = set(ChannelMember.objects.filter(channel=channel, user__isnull=False).values_list("user", flat=True))
    members = list(Membership.objects.visible_to(request.member))
    if request.method == "POST":
        added = next((member for member in members if str(member.user_id) == request.POST.get("user")), None)
        if added is None:
            raise Http404
        with error_messages(request):
            join_channel(channel, added.user, by=request.actor)
        return redirect("chat:people", request.home.pk, channel.pk)
    context = {
        "channel": channel,
        "inside": [member for member in members if member.user_id in member_ids or not channel.is_private],
        "outside": [member for member in members if member.user_id not in member_ids and channel.is_private],
        "tab": "chat",
    }
    return render(request, "chat/people.html", context)


@member_post
def leave(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    with error_messages(request):
        leave_channel(get_channel(request, channel_id), request.member.user, by=request.actor)
    return redirect("chat:chat", request.home.pk)


def get_channel(request: MemberRequest, channel_id: UUID) -> Channel:
    return get_object_or_404(with_unread(request.member), pk=channel_id)


def get_message(request: MemberRequest, channel_id: UUID, message_id: UUID) -> Message:
    visible = Message.objects.visible_to(request.member).filter(channel=channel_id, channel__archived_at=None)
    return get_object_or_404(visible.select_related("channel", "parent"), pk=message_id)


def message_text(request: MemberRequest) -> str:
    """Return the text of a message form: the quick reply that was pressed, else what was typed."""
    return request.POST.get("quick_reply") or request.POST.get("body", "")


def channel_url(request: MemberRequest, channel_id: UUID, root: Message | None = None) -> str:
    if root is None:
        return reverse("chat:channel", args=[request.home.pk, channel_id])
    return reverse("chat:thread", args=[request.home.pk, channel_id, root.pk])


def respond_after(request: MemberRequest, channel_id: UUID, root: Message | None) -> HttpResponse:
    if request.htmx:
        return render_channel(request, channel_id, root=root)
    return redirect(channel_url(request, channel_id, root))


def render_channel(
    request: MemberRequest, channel_id: UUID, *, root: Message | None = None, draft: str = "", status: int = 200
) -> HttpResponse:
    if request.method == "POST":
        request.home.refresh_from_db(fields=["last_seq"])
    template = "chat/channel.html#channel" if request.htmx else "chat/channel.html"
    context = {**channel_context(request, channel_id, root), "draft": draft, "op_id": uuid4(), "tab": "chat"}
    return render(request, template, context, status=status)


def channel_context(request: MemberRequest, channel_id: UUID, root: Message | None) -> dict[str, Any]:
    """Return the context of the page. The number of queries does not depend on the number of messages."""
    channels = with_unread(request.member).order_by("name", "created_at")
    channel = next((candidate for candidate in channels if candidate.pk == channel_id), None)
    if channel is None:
        raise Http404
    roots = Message.objects.filter(channel=channel, parent=None).order_by("-seq", "-created_at")
    if (before := request.GET.get("before", "")).isdecimal() and len(before) <= MAX_SEQ_DIGITS:
        roots = roots.filter(seq__lt=int(before))
    messages = list(roots[: PAGE_SIZE + 1])
    agents = list(Agent.objects.filter(home=request.home).order_by("created_at"))
    presenter = ChannelPresenter.load(request.member, channel, agents)
    replies = list(Message.objects.filter(parent=root).order_by("seq", "created_at")) if root else []
    newest = max([message.seq for message in [*messages[:1], *replies[-1:]]], default=0)
    # Messages that arrive while the page is open are not marked as new.
    rows = presenter.rows(list(reversed(messages[:PAGE_SIZE])), mark_new=not request.htmx, has_newest=not before)
    newest_first = [*reversed(replies), root] if root else [] if before else messages
    return {
        "channel": channel,
        "base": channel_url(request, channel_id),
        "here": channel_url(request, channel_id, root),
        "seq": request.home.last_seq,
        "unread_to": newest if newest > channel.read_seq else None,
        "rows": rows,
        "page_version": hash((channel.kind, request.home.timezone, str(presenter.mentions), root is None)),
        "earlier": messages[PAGE_SIZE - 1].seq if len(messages) > PAGE_SIZE else None,
        "root": root,
        "thread_rows": presenter.rows([root, *replies], mark_new=False, in_thread=True) if root else [],
        "awaited": presenter.composing_agent(newest_first),
        "title": presenter.title(channel),
        "groups": presenter.groups(list(channels)),
        "partner": presenter.agent_of(channel),
        "default_agent": next((agent for agent in agents if agent.is_active), None),
        "agents": agents,
        "kinds": ChannelKind,
        "names": presenter.mentions,
        "emoji": EMOJI,
    }
