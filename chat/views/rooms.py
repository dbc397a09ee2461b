"""Pages that create rooms and chats, and manage the members of a room."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chat.actions import create_channel, join_channel, leave_channel, open_assistant, open_dm
from chat.forms import AgentChatForm, RoomForm
from chat.models import ChannelMember
from chat.views.channel import get_channel
from homes.decorators import MemberRequest, member_required
from homes.models import Agent, Membership
from pantry.errors import ActionError


@member_required
def new_room(request: MemberRequest) -> HttpResponse:
    form = RoomForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            channel = create_channel(by=request.actor, **form.cleaned_data)
        except ActionError as error:
            form.add_error("name", str(error))
        else:
            return redirect("chat:channel", request.home.pk, channel.pk)
    return render(request, "chat/room_new.html", {"form": form, "tab": "chat"}, status=422 if form.errors else 200)


@member_required
def new_agent_chat(request: MemberRequest) -> HttpResponse:
    """Start a titled chat with one of the active agents."""
    agents = Agent.objects.filter(home=request.home, is_active=True).order_by("created_at")
    if not agents:
        messages.error(request, _("All agents of this home are asleep."))
        return redirect("chat:chat", request.home.pk)
    form = AgentChatForm(request.POST or None, agents=agents)
    if request.method == "POST" and form.is_valid():
        channel = open_assistant(form.selected_agent, by=request.actor, title=form.cleaned_data["title"])
        return redirect("chat:channel", request.home.pk, channel.pk)
    context = {"form": form, "tab": "chat"}
    return render(request, "chat/talk_new.html", context, status=422 if form.errors else 200)


@require_POST
@member_required
def open_direct_message(request: MemberRequest, user_id: UUID) -> HttpResponse:
    other = get_object_or_404(Membership.objects.visible_to(request.member), user=user_id)
    try:
        channel = open_dm(other.user, by=request.actor)
    except ActionError as error:
        messages.error(request, str(error))
        return redirect("chat:chat", request.home.pk)
    return redirect("chat:channel", request.home.pk, channel.pk)


@require_POST
@member_required
def open_agent_chat(request: MemberRequest, agent_id: UUID) -> HttpResponse:
    """Open the chat with the agent that has the `title` in the form, or the untitled one."""
    agent = get_object_or_404(Agent, pk=agent_id, home=request.home)
    channel = open_assistant(agent, by=request.actor, title=request.POST.get("title", ""))
    return redirect("chat:channel", request.home.pk, channel.pk)


@member_required
def people(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    """List the members of a room. Members of a private room can add others."""
    channel = get_channel(request, channel_id)
    member_ids = set(ChannelMember.objects.filter(channel=channel, user__isnull=False).values_list("user", flat=True))
    members = list(Membership.objects.visible_to(request.member))
    if request.method == "POST":
        added = next((member for member in members if str(member.user_id) == request.POST.get("user")), None)
        if added is None:
            raise Http404
        try:
            join_channel(channel, added.user, by=request.actor)
        except ActionError as error:
            messages.error(request, str(error))
        return redirect("chat:people", request.home.pk, channel.pk)
    context = {
        "channel": channel,
        "inside": [member for member in members if member.user_id in member_ids or not channel.is_private],
        "outside": [member for member in members if member.user_id not in member_ids and channel.is_private],
        "tab": "chat",
    }
    return render(request, "chat/people.html", context)


@require_POST
@member_required
def leave(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    try:
        leave_channel(get_channel(request, channel_id), request.member.user, by=request.actor)
    except ActionError as error:
        messages.error(request, str(error))
    return redirect("chat:chat", request.home.pk)
