from typing import Any

from django.urls import path

from pixie.api.agents import AgentViewSet, BlockViewSet, PassageViewSet
from pixie.api.runs import AgentRunViewSet, RunViewSet, UsageViewSet
from pixie.api.schedules import ScheduledViewSet, SuggestionViewSet, SummaryViewSet
from pixie.api.threads import TalkViewSet, ThreadMessageViewSet, ThreadViewSet

COLLECTION: dict[str, Any] = {"get": "list", "post": "create"}
THREAD = "threads/<uuid:thread_id>"
AGENT = "agents/<uuid:agent_id>"
SCHEDULED = "scheduled/<uuid:scheduled_id>"
SUGGESTION = "suggestions/<uuid:suggestion_id>"
PASSAGE = f"{AGENT}/passages/<uuid:passage_id>"

home = [
    path("threads", ThreadViewSet.as_view(COLLECTION)),
    path(THREAD, ThreadViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path(f"{THREAD}/messages", ThreadMessageViewSet.as_view(COLLECTION)),
    path(f"{THREAD}/messages/<uuid:message_id>/confirm", ThreadMessageViewSet.as_view({"post": "confirm"})),
    path("agents", AgentViewSet.as_view(COLLECTION)),
    path(AGENT, AgentViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    path(f"{AGENT}/memory", BlockViewSet.as_view({"get": "list"})),
    path(f"{AGENT}/memory/<slug:label>", BlockViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path(f"{AGENT}/memory/<slug:label>/history", BlockViewSet.as_view({"get": "history"})),
    path(f"{AGENT}/memory/<slug:label>/readers", BlockViewSet.as_view({"post": "share"})),
    path(f"{AGENT}/memory/<slug:label>/readers/<uuid:reader_id>", BlockViewSet.as_view({"delete": "unshare"})),
    path(f"{AGENT}/passages", PassageViewSet.as_view(COLLECTION)),
    path(PASSAGE, PassageViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    path("usage", UsageViewSet.as_view({"get": "retrieve"})),
    path(f"{AGENT}/runs", AgentRunViewSet.as_view({"get": "list"})),
    path("scheduled", ScheduledViewSet.as_view(COLLECTION)),
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
