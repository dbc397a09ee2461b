"""Pages of a channel and its threads, and the actions on their messages."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as flash
from django.db.models import F
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chat.actions import add_reaction, delete_message, edit_message, mark_read, remove_reaction, send_message
from chat.forms import MessageForm
from chat.models import Channel, ChannelKind, Message
from chat.presenters import ChannelPresenter
from chat.unread import with_unread
from homes.decorators import MemberRequest, member_required
from homes.models import Agent
from pantry.errors import ActionError
from pantry.text import clean_text

EMOJI = ["❤️", "👍", "😂", "🎉", "😮", "🙏"]
PAGE_SIZE = 60
MAX_SEQ_DIGITS = 18


@require_safe
@member_required
def chat(request: MemberRequest) -> HttpResponse:
    """Redirect to the channel with the most unread messages, else to the first room."""
    channels = with_unread(request.member).order_by("-unread", F("is_system").desc(), "created_at")
    first = channels.first()
    if first is None:
        raise Http404
    return redirect("chat:channel", request.home.pk, first.pk)


@require_safe
@member_required
def channel_page(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    return render_channel(request, channel_id)


@require_safe
@member_required
def thread_page(request: MemberRequest, channel_id: UUID, message_id: UUID) -> HttpResponse:
    return render_channel(request, channel_id, root=get_message(request, channel_id, message_id))


@require_POST
@member_required
def send(request: MemberRequest, channel_id: UUID, message_id: UUID | None = None) -> HttpResponse:
    """Send a message to the channel or, with `message_id`, to that thread. The operation's id is the message's."""
    channel = get_channel(request, channel_id)
    root = get_message(request, channel_id, message_id) if message_id else None
    body = request.POST.get("body", "")
    try:
        send_message(channel, body, by=request.actor, parent=root, pk=request.actor.op_id)
    except ActionError as error:
        return render_channel(request, channel.pk, root=root, draft=body, error=str(error))
    return respond_after(request, channel, root)


@require_POST
@member_required
def read(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    """Mark the messages up to `seq` as read, for a page without a socket or without JavaScript."""
    channel = get_channel(request, channel_id)
    seq = request.POST.get("seq", "")
    if not seq.isdecimal() or len(seq) > MAX_SEQ_DIGITS:
        return HttpResponseBadRequest()
    mark_read(channel, request.member.user, min(int(seq), request.home.last_seq))
    return redirect(channel_url(request, channel, None))


@require_POST
@member_required
def react(request: MemberRequest, channel_id: UUID, message_id: UUID) -> HttpResponse:
    """Add the reaction `emoji`, or remove one's own with `take_back`."""
    channel = get_channel(request, channel_id)
    message = get_message(request, channel_id, message_id)
    try:
        if "take_back" in request.POST:
            remove_reaction(message, clean_text(request.POST["take_back"]), by=request.actor)
        else:
            add_reaction(message, request.POST.get("emoji", ""), by=request.actor)
    except ActionError as error:
        return render_channel(request, channel.pk, error=str(error))
    return respond_after(request, channel, message.parent)


@member_required
def edit(request: MemberRequest, channel_id: UUID, message_id: UUID) -> HttpResponse:
    channel = get_channel(request, channel_id)
    message = get_message(request, channel_id, message_id)
    form = MessageForm(request.POST or None, initial={"body": message.body})
    if request.method == "POST" and form.is_valid():
        try:
            edit_message(message, form.cleaned_data["body"], by=request.actor)
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            return redirect(channel_url(request, channel, message.parent))
    context = {"form": form, "message": message, "channel": channel, "tab": "chat"}
    return render(request, "chat/message_edit.html", context, status=422 if form.is_bound else 200)


@require_POST
@member_required
def delete(request: MemberRequest, channel_id: UUID, message_id: UUID) -> HttpResponse:
    channel = get_channel(request, channel_id)
    message = get_message(request, channel_id, message_id)
    try:
        delete_message(message, by=request.actor)
    except ActionError as error:
        return render_channel(request, channel.pk, error=str(error))
    return respond_after(request, channel, message.parent)


def get_channel(request: MemberRequest, channel_id: UUID) -> Channel:
    channel: Channel = get_object_or_404(with_unread(request.member), pk=channel_id)
    return channel


def get_message(request: MemberRequest, channel_id: UUID, message_id: UUID) -> Message:
    visible = Message.objects.visible_to(request.member)
    message: Message = get_object_or_404(visible, pk=message_id, channel=channel_id)
    return message


def channel_url(request: MemberRequest, channel: Channel, root: Message | None) -> str:
    if root is None:
        return reverse("chat:channel", args=[request.home.pk, channel.pk])
    return reverse("chat:thread", args=[request.home.pk, channel.pk, root.pk])


def respond_after(request: MemberRequest, channel: Channel, root: Message | None) -> HttpResponse:
    if request.htmx:
        return render_channel(request, channel.pk, root=root)
    return redirect(channel_url(request, channel, root))


def render_channel(
    request: MemberRequest, channel_id: UUID, *, root: Message | None = None, draft: str = "", error: str = ""
) -> HttpResponse:
    if request.method == "POST":
        request.home.refresh_from_db(fields=["last_seq"])
    if error:
        flash.error(request, error)
    template = "chat/channel.html#channel" if request.htmx else "chat/channel.html"
    context = {**channel_context(request, channel_id, root), "draft": draft, "op_id": uuid4(), "tab": "chat"}
    return render(request, template, context, status=422 if error else 200)


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
    base = channel_url(request, channel, None)
    # Messages that arrive while the page is open are not marked as new.
    rows = presenter.rows(list(reversed(messages[:PAGE_SIZE])), mark_new=not request.htmx)
    newest_first = [*reversed(replies), root] if root else [] if before else messages
    return {
        "channel": channel,
        "base": base,
        "here": channel_url(request, channel, root),
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
