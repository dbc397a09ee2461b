"""A channel, its messages, and the thread that is open beside it."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as notices
from django.db.models import F
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chat.actions import add_reaction, delete_message, edit_message, mark_read, remove_reaction, send_message
from chat.forms import MessageForm
from chat.models import Channel, ChannelKind, Message
from chat.presenters import Talk, replies_of
from chat.unread import with_unread
from homes.decorators import MemberRequest, member_required
from homes.models import Agent
from pantry.errors import ActionError
from pantry.text import clean_text

EMOJI = ["❤️", "👍", "😂", "🎉", "😮", "🙏"]
SHOWN = 60
LONGEST_SEQ = 18  # digits


@require_safe
@member_required
def chat(request: MemberRequest) -> HttpResponse:
    """Into the channel with the newest unread message, else the first room."""
    channels = with_unread(request.member).order_by("-unread", F("is_system").desc(), "created_at")
    first = channels.first()
    if first is None:
        raise Http404
    return redirect("chat:channel", request.home.pk, first.pk)


@require_safe
@member_required
def channel_page(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    return show(request, channel_id)


@require_safe
@member_required
def thread_page(request: MemberRequest, channel_id: UUID, message_id: UUID) -> HttpResponse:
    return show(request, channel_id, root=the_message(request, channel_id, message_id))


@require_POST
@member_required
def send(request: MemberRequest, channel_id: UUID, message_id: UUID | None = None) -> HttpResponse:
    """Into the channel or, with `message_id`, into that thread. The operation's id is the message's."""
    channel = the_channel(request, channel_id)
    root = the_message(request, channel_id, message_id) if message_id else None
    body = request.POST.get("body", "")
    try:
        send_message(channel, body, by=request.actor, parent=root, pk=request.actor.op_id)
    except ActionError as refusal:
        return show(request, channel.pk, root=root, draft=body, error=str(refusal))
    return after(request, channel, root)


@require_POST
@member_required
def read(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    """Mark the messages up to `seq` as read, for a page without a socket or without JavaScript."""
    channel = the_channel(request, channel_id)
    seq = request.POST.get("seq", "")
    if not seq.isdecimal() or len(seq) > LONGEST_SEQ:
        return HttpResponseBadRequest()
    mark_read(channel, request.member.user, min(int(seq), request.home.last_seq))
    return redirect(address(request, channel, None))


@require_POST
@member_required
def react(request: MemberRequest, channel_id: UUID, message_id: UUID) -> HttpResponse:
    """`emoji` adds a reaction, `take_back` takes one's own away."""
    channel = the_channel(request, channel_id)
    message = the_message(request, channel_id, message_id)
    try:
        if "take_back" in request.POST:
            remove_reaction(message, clean_text(request.POST["take_back"]), by=request.actor)
        else:
            add_reaction(message, request.POST.get("emoji", ""), by=request.actor)
    except ActionError as refusal:
        return show(request, channel.pk, error=str(refusal))
    return after(request, channel, message.parent)


@member_required
def edit(request: MemberRequest, channel_id: UUID, message_id: UUID) -> HttpResponse:
    channel = the_channel(request, channel_id)
    message = the_message(request, channel_id, message_id)
    form = MessageForm(request.POST or None, initial={"body": message.body})
    if request.method == "POST" and form.is_valid():
        try:
            edit_message(message, form.cleaned_data["body"], by=request.actor)
        except ActionError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(address(request, channel, message.parent))
    context = {"form": form, "message": message, "channel": channel, "tab": "chat"}
    return render(request, "chat/message_edit.html", context, status=422 if form.is_bound else 200)


@require_POST
@member_required
def delete(request: MemberRequest, channel_id: UUID, message_id: UUID) -> HttpResponse:
    channel = the_channel(request, channel_id)
    message = the_message(request, channel_id, message_id)
    try:
        delete_message(message, by=request.actor)
    except ActionError as refusal:
        return show(request, channel.pk, error=str(refusal))
    return after(request, channel, message.parent)


def the_channel(request: MemberRequest, channel_id: UUID) -> Channel:
    found: Channel = get_object_or_404(with_unread(request.member), pk=channel_id)
    return found


def the_message(request: MemberRequest, channel_id: UUID, message_id: UUID) -> Message:
    found: Message = get_object_or_404(Message.objects.visible_to(request.member), pk=message_id, channel=channel_id)
    return found


def address(request: MemberRequest, channel: Channel, root: Message | None) -> str:
    if root is None:
        return reverse("chat:channel", args=[request.home.pk, channel.pk])
    return reverse("chat:thread", args=[request.home.pk, channel.pk, root.pk])


def after(request: MemberRequest, channel: Channel, root: Message | None) -> HttpResponse:
    return show(request, channel.pk, root=root) if request.htmx else redirect(address(request, channel, root))


def show(
    request: MemberRequest, channel_id: UUID, *, root: Message | None = None, draft: str = "", error: str = ""
) -> HttpResponse:
    if request.method == "POST":
        request.home.refresh_from_db(fields=["last_seq"])
    if error:
        notices.error(request, error)
    template = "chat/channel.html#channel" if request.htmx else "chat/channel.html"
    context = {**channel_context(request, channel_id, root), "draft": draft, "op_id": uuid4(), "tab": "chat"}
    return render(request, template, context, status=422 if error else 200)


def channel_context(request: MemberRequest, channel_id: UUID, root: Message | None) -> dict[str, Any]:
    """Everything the page shows. The number of queries is the same for one message and for sixty."""
    channels = with_unread(request.member).order_by("name", "created_at")
    channel = next((each for each in channels if each.pk == channel_id), None)
    if channel is None:
        raise Http404
    roots = Message.objects.filter(channel=channel, parent=None).order_by("-seq", "-created_at")
    if (before := request.GET.get("before", "")).isdecimal() and len(before) <= LONGEST_SEQ:
        roots = roots.filter(seq__lt=int(before))
    shown = list(roots[: SHOWN + 1])
    agents = list(Agent.objects.filter(home=request.home).order_by("created_at"))
    talk = Talk.of(request.member, channel, agents)
    thread = replies_of(root) if root else []
    newest = max([message.seq for message in [*shown[:1], *thread[-1:]]], default=0)
    base = address(request, channel, None)
    # What comes while one looks is not called new: it is seen as it comes.
    rows = talk.rows(list(reversed(shown[:SHOWN])), mark_new=not request.htmx)
    return {
        "channel": channel,
        "base": base,
        "here": address(request, channel, root),
        "seq": request.home.last_seq,
        "unread_to": newest if newest > channel.read_seq else None,
        "rows": rows,
        "page_version": hash((channel.kind, request.home.timezone, str(talk.names), root is None)),
        "earlier": shown[SHOWN - 1].seq if len(shown) > SHOWN else None,
        "root": root,
        "thread_rows": talk.rows([root, *thread], mark_new=False, in_thread=True) if root else [],
        "awaited": talk.awaited(([] if before else shown) if root is None else [*reversed(thread), root]),
        "title": talk.title(channel),
        "groups": talk.groups(list(channels)),
        "partner": talk.partner(channel),
        "default_agent": next((agent for agent in agents if agent.is_active), None),
        "agents": agents,
        "kinds": ChannelKind,
        "names": talk.names,
        "emoji": EMOJI,
    }
