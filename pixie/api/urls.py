from typing import Any

from django.urls import path

from pixie.api.agents import AgentViewSet
from pixie.api.memory import BlockViewSet, PassageViewSet
from pixie.api.runs import AgentRunViewSet, RunViewSet
from pixie.api.schedules import ScheduledViewSet, SummaryViewSet
from pixie.api.suggestions import SuggestionViewSet
from pixie.api.usage import UsageViewSet
from pixie.api.viewsets import TalkViewSet, ThreadMessageViewSet, ThreadViewSet

ROWS: dict[str, Any] = {"get": "list", "post": "create"}
THREAD = "threads/<uuid:thread_id>"
KNOWN = "agents/<uuid:agent_id>"
SCHEDULED = "scheduled/<uuid:scheduled_id>"
SUGGESTION = "suggestions/<uuid:suggestion_id>"
PASSAGE = f"{KNOWN}/passages/<uuid:passage_id>"

home = [
    path("threads", ThreadViewSet.as_view(ROWS)),
    path(THREAD, ThreadViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path(f"{THREAD}/messages", ThreadMessageViewSet.as_view(ROWS)),
    path(f"{THREAD}/messages/<uuid:message_id>/confirm", ThreadMessageViewSet.as_view({"post": "confirm"})),
    path("agents", AgentViewSet.as_view(ROWS)),
    path(KNOWN, AgentViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    path(f"{KNOWN}/memory", BlockViewSet.as_view({"get": "list"})),
    path(f"{KNOWN}/memory/<slug:label>", BlockViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path(f"{KNOWN}/memory/<slug:label>/history", BlockViewSet.as_view({"get": "history"})),
    path(f"{KNOWN}/memory/<slug:label>/readers", BlockViewSet.as_view({"post": "share"})),
    path(f"{KNOWN}/memory/<slug:label>/readers/<uuid:reader_id>", BlockViewSet.as_view({"delete": "unshare"})),
    path(f"{KNOWN}/passages", PassageViewSet.as_view(ROWS)),
    path(PASSAGE, PassageViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    path("usage", UsageViewSet.as_view({"get": "retrieve"})),
    path(f"{KNOWN}/runs", AgentRunViewSet.as_view({"get": "list"})),
    path("scheduled", ScheduledViewSet.as_view(ROWS)),
    path(SCHEDULED, ScheduledViewSet.as_view({"get": "retrieve"})),
    path(f"{SCHEDULED}/cancel", ScheduledViewSet.as_view({"post": "cancel"})),
    path(f"{SCHEDULED}/resume", ScheduledViewSet.as_view({"post": "resume"})),
    path("summary", SummaryViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("suggestions", SuggestionViewSet.as_view({"get": "list"})),
    path(f"{SUGGESTION}/take", SuggestionViewSet.as_view({"post": "take"})),
    path(f"{SUGGESTION}/dismiss", SuggestionViewSet.as_view({"post": "dismiss"})),
    path(f"{SUGGESTION}/reopen", SuggestionViewSet.as_view({"post": "reopen"})),
    path("runs/<uuid:run_id>", RunViewSet.as_view({"get": "retrieve"})),
    path("runs/<uuid:run_id>/cancel", RunViewSet.as_view({"post": "cancel"})),
]

talk = [
    path("chat", TalkViewSet.as_view({"post": "create"})),
    path("chat/confirm", TalkViewSet.as_view({"post": "confirm"})),
]
