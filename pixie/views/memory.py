"""Pages to search, correct and forget what agents remember."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from pydantic import ValidationError

from chat.actions import open_assistant
from chat.models import ChannelKind, Message
from homes.decorators import MemberRequest, error_messages, member_form, member_post
from homes.events.models import Event
from homes.models import Agent
from homes.search import MAX_QUERY_CHARS
from pantry.errors import ActionError, StaleVersion, check_length
from pantry.forms import add_stale_error, form_errors, render_form
from pixie.actions import (
    correct_passage,
    forget_lesson,
    forget_passage,
    remember_passage,
    share_block,
    unshare_block,
    write_block,
)
from pixie.forms import BlockForm, NoteForm, PassageForm
from pixie.memory import search
from pixie.models import Lesson, MemoryBlock, Passage, Source
from pixie.nlu.outcome import Proposal
from pixie.replies.calls import describe_call
from pixie.tools import TOOLS

PAGE_SIZE, MAX_RESULTS, MAX_VERSIONS = 25, 25, 10
TITLES = {
    "personality": __("Personality"),
    "household": __("About the home"),
    "preferences": __("Preferences"),
    "member": __("About you"),
}


@member_form
def memory(request: MemberRequest) -> HttpResponse:
    """List or search (`?q=`) passages, by `?page=` and `?agent=`. A POST stores a note."""
    agent = _agent(request)
    form = NoteForm(request.POST or None)
    if form.is_valid():
        with form_errors(form, "content"):
            _remember_note(agent, request, **form.cleaned_data)
            return redirect(memory_url(agent))
    query = ""
    with error_messages(request):
        query = check_length(request.GET.get("q", "").strip(), MAX_QUERY_CHARS)
    rows = search.visible_passages(request.member, agent=agent)
    page = None if query else Paginator(_with_relations(rows), PAGE_SIZE).get_page(request.GET.get("page"))
    passages = (
        [hit.passage for hit in search.search(rows, request.home, query, MAX_RESULTS)] if query else list(page or [])
    )
    taught = Lesson.objects.visible_to(request.member).order_by("-updated_at", "-pk")
    lessons = Paginator(taught, PAGE_SIZE).get_page(request.GET.get("taught"))
    context = {
        "agent": agent,
        "lessons": lessons,
        "meanings": [(lesson, _meaning(lesson)) for lesson in lessons],
        "agents": list(Agent.objects.filter(home=request.home).order_by("created_at")),
        "blocks": [(TITLES.get(block.label, block.label), block) for block in _blocks(agent, request)],
        "query": query,
        "passages": _with_sources(passages, request),
        "page": page,
        "here": memory_url(agent),
        "tab": "home",
    }
    return render_form(request, "pixie/memory.html", form, **context)


@member_form
def block(request: MemberRequest, agent_id: UUID, label: str) -> HttpResponse:
    agent, block = _get_block(request, agent_id, label)
    form = BlockForm(request.POST or None, row=block)
    if form.is_valid():
        try:
            write_block(agent, label, by=request.actor, **form.cleaned_data)
        except StaleVersion as stale:
            block = stale.current
            message = _("Somebody else changed this in the meantime; their version is below. Save again to replace it.")
            add_stale_error(form, stale, "content", message)
        except ActionError as error:
            form.add_error("content", str(error))
        else:
            messages.success(request, _("%(agent)s will keep that in mind.") % {"agent": agent})
            return redirect(memory_url(agent))
    others = Agent.objects.filter(home=request.home).exclude(pk=agent.pk).order_by("created_at")
    context = {
        "agent": agent,
        "memory_block": block,
        "title": TITLES.get(label, label),
        "versions": _versions(block),
        "owner": block.agent,
        "others": [] if block._state.adding or block.agent_id != agent.pk else list(others),
        "readers": block.shared_with,
        "here": memory_url(agent),
        "tab": "home",
    }
    return render_form(request, "pixie/block_edit.html", form, **context)


@member_post
def put_back(request: MemberRequest, agent_id: UUID, label: str) -> HttpResponse:
    """Restore the block's content at event `seq`. `version` detects conflicting edits."""
    agent, block = _get_block(request, agent_id, label)
    seq, version = (request.POST.get(name, "") for name in ("seq", "version"))
    event = _write_events(block).filter(seq=int(seq)).first() if seq.isdecimal() and len(seq) < 19 else None
    if event is None or not version.isdecimal():
        raise Http404
    with error_messages(request):
        write_block(agent, label, event.data["block"]["content"], by=request.actor, version=int(version[:9]))
        messages.success(request, _("The earlier text has been restored."))
    return redirect("pixie:block", request.home.pk, agent_id, label)


@member_post
def share(request: MemberRequest, agent_id: UUID, label: str) -> HttpResponse:
    """Share the block with exactly the agents in `agents`."""
    agent, block = _get_block(request, agent_id, label)
    reader_ids = set(request.POST.getlist("agents"))
    if block.agent_id != agent.pk:
        raise Http404
    with error_messages(request):
        with transaction.atomic():
            for other in Agent.objects.filter(home=request.home).exclude(pk=agent.pk).order_by("created_at"):
                (share_block if str(other.pk) in reader_ids else unshare_block)(block, other, by=request.actor)
        messages.success(request, _("Sharing has been updated."))
    return redirect("pixie:block", request.home.pk, agent_id, label)


@member_form
def correct(request: MemberRequest, passage_id: UUID) -> HttpResponse:
    passage = get_object_or_404(_with_relations(Passage.objects.visible_to(request.member)), pk=passage_id)
    form = PassageForm(request.POST or None, row=passage)
    if form.is_valid():
        try:
            correct_passage(passage, by=request.actor, **form.cleaned_data)
        except StaleVersion as stale:
            message = _("Somebody else changed this to “%(now)s”. Save again to replace it.")
            add_stale_error(form, stale, "content", message % {"now": stale.current.content})
        except ActionError as error:
            form.add_error("content", str(error))
        else:
            messages.success(request, _("Corrected."))
            return redirect("pixie:memory", request.home.pk)
    each = _with_sources([passage], request)[0]
    return render_form(request, "pixie/passage_edit.html", form, each=each, tab="home")


@member_post
def forget(request: MemberRequest, passage_id: UUID) -> HttpResponse:
    passage = get_object_or_404(Passage.objects.visible_to(request.member), pk=passage_id)
    forget_passage(passage, by=request.actor)
    messages.success(request, _("Forgotten."))
    return redirect("pixie:memory", request.home.pk)


@member_post
def delete_lesson(request: MemberRequest, lesson_id: UUID) -> HttpResponse:
    lesson = get_object_or_404(Lesson, home=request.home, author=request.user, pk=lesson_id)
    forget_lesson(lesson, by=request.actor)
    messages.success(request, _("Forgotten."))
    return redirect("pixie:memory", request.home.pk)


def _meaning(lesson: Lesson) -> str:
    """Return what the message was taken for: “add 2 eggs”. Calls of another version are named by the intent."""
    try:
        return ", ".join(
            describe_call(Proposal(tool.name, dict(tool.arguments.model_validate(call["payload"])), 1.0))
            for call in lesson.calls
            for tool in [TOOLS[call["type"]]]
        )
    except (KeyError, ValidationError):
        return lesson.intent


def memory_url(agent: Agent) -> str:
    return reverse("pixie:memory", args=[agent.home_id], query={"agent": agent.slug})


def _agent(request: MemberRequest) -> Agent:
    agents = Agent.objects.filter(home=request.home).order_by("-is_active", "created_at")
    requested = agents.filter(slug=request.GET.get("agent", "")[:40].replace("\0", "")).first()
    if (agent := requested or agents.first()) is None:
        raise Http404
    return agent


def _remember_note(agent: Agent, request: MemberRequest, *, content: str, for_home: bool) -> None:
    scope: dict[str, Any] = {} if for_home else {"channel": open_assistant(agent, by=request.actor), "agent": agent}
    _passage, is_new = remember_passage(content, by=request.actor, **scope)
    if is_new:
        messages.success(request, _("%(agent)s will remember that.") % {"agent": agent})
    else:
        messages.info(request, _("%(agent)s already knew that.") % {"agent": agent})


def _with_relations(rows: Any) -> Any:
    return rows.select_related("user", "channel").defer("embedding", "words").order_by("-said_at", "-id")


def _blocks(agent: Agent, request: MemberRequest) -> list[MemoryBlock]:
    """Return the blocks about the home and the one about the member, which may be unsaved."""
    blocks = list(MemoryBlock.objects.read_by(agent).visible_to(request.member).select_related("agent"))
    if not any(block.label == MemoryBlock.MEMBER_LABEL for block in blocks):
        blocks.append(MemoryBlock(home=request.home, agent=agent, label=MemoryBlock.MEMBER_LABEL, user=request.user))
    order = [*MemoryBlock.LABELS, MemoryBlock.MEMBER_LABEL]
    return sorted(blocks, key=lambda block: (order.index(block.label) if block.label in order else 9, block.label))


def _get_block(request: MemberRequest, agent_id: UUID, label: str) -> tuple[Agent, MemoryBlock]:
    agent = get_object_or_404(Agent, pk=agent_id, home=request.home)
    block = next((row for row in _blocks(agent, request) if row.label == label), None)
    if block is None:
        raise Http404
    return agent, block


def _with_sources(passages: list[Passage], request: MemberRequest) -> list[dict[str, Any]]:
    """Add the link to each passage's source message, if that still exists."""
    conversations = [passage for passage in passages if passage.source in (Source.CONVERSATION, Source.DECISION)]
    message_ids = [passage.source_id for passage in conversations if passage.source_id is not None]
    channels = dict(Message.objects.visible_to(request.member).filter(pk__in=message_ids).values_list("pk", "channel"))
    return [
        {
            "passage": passage,
            "url": reverse("chat:channel", args=[request.home.pk, channels[passage.source_id]])
            if passage.source_id in channels
            else "",
            "is_mine": passage.channel is not None and passage.channel.kind == ChannelKind.ASSISTANT,
            "room": passage.channel.name if passage.channel and passage.channel.kind != ChannelKind.ASSISTANT else "",
        }
        for passage in passages
    ]


def _versions(block: MemoryBlock) -> list[dict[str, Any]]:
    if block._state.adding:
        return []
    return [
        {"who": event.actor_user, "at": event.moment, "seq": event.seq, "content": event.data["block"]["content"]}
        for event in _write_events(block).order_by("-seq")[:MAX_VERSIONS]
    ]


def _write_events(block: MemoryBlock) -> Any:
    events = Event.objects.filter(home=block.home_id, subject_id=block.pk, redacted_at=None)
    return events.filter(type__in=("memory_block_created", "memory_block_updated")).select_related("actor_user")
