from django.urls import path

from pixie.api.agents import AgentViewSet, BlockViewSet, PassageViewSet
from pixie.api.lessons import LessonViewSet
from pixie.api.runs import AgentRunViewSet, RunViewSet, UsageViewSet
from pixie.api.schedules import ScheduledViewSet, SuggestionViewSet, SummaryViewSet
from pixie.api.threads import ChatViewSet, ThreadMessageViewSet, ThreadViewSet
from pixie.api.today import TodayViewSet

MESSAGES = "threads/<uuid:thread_id>/messages"
AGENT = "agents/<uuid:agent_id>"
BLOCK = f"{AGENT}/memory/<slug:label>"

home = [
    *ThreadViewSet.routes("threads"),
    path(MESSAGES, ThreadMessageViewSet.as_view({"get": "list", "post": "create"})),
    path(f"{MESSAGES}/<uuid:message_id>/confirm", ThreadMessageViewSet.as_view({"post": "confirm"})),
    *AgentViewSet.routes("agents"),
    path(f"{AGENT}/memory", BlockViewSet.as_view({"get": "list"})),
    path(BLOCK, BlockViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path(f"{BLOCK}/history", BlockViewSet.as_view({"get": "history"})),
    path(f"{BLOCK}/readers", BlockViewSet.as_view({"post": "share"})),
    path(f"{BLOCK}/readers/<uuid:reader_id>", BlockViewSet.as_view({"delete": "unshare"})),
    *PassageViewSet.routes(f"{AGENT}/passages"),
    *LessonViewSet.routes("lessons"),
    path(f"{AGENT}/runs", AgentRunViewSet.as_view({"get": "list"})),
    *RunViewSet.routes("runs", "cancel"),
    path("usage", UsageViewSet.as_view({"get": "retrieve"})),
    *ScheduledViewSet.routes("scheduled", "cancel", "resume"),
    path("today", TodayViewSet.as_view({"get": "retrieve"})),
    path("summary", SummaryViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    *SuggestionViewSet.routes("suggestions", "take", "dismiss", "reopen"),
]

chat = [
    path("chat", ChatViewSet.as_view({"post": "create"})),
    path("chat/confirm", ChatViewSet.as_view({"post": "confirm"})),
]
