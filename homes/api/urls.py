from django.urls import path

from homes.accounts.api.auth import AuthViewSet
from homes.accounts.api.tokens import TokenViewSet
from homes.api import homes
from homes.api.activity import ActivityViewSet
from homes.api.events import AuditViewSet, EventViewSet, LogCheckViewSet
from homes.api.export import ExportViewSet, ImportViewSet
from homes.api.offline import IntentViewSet
from homes.api.search import SearchViewSet
from homes.api.undo import UndoViewSet

signup = AuthViewSet.as_view({"post": "signup"})
login = AuthViewSet.as_view({"post": "login"})
me = homes.MeViewSet.as_view({"get": "me"})

account = [
    path("auth/signup", signup),
    path("auth/login", login),
    path("auth/refresh", AuthViewSet.as_view({"post": "refresh"})),
    path("auth/logout", homes.MeViewSet.as_view({"post": "logout"})),
    path("auth/switch-home", homes.MeViewSet.as_view({"post": "switch_home"})),
    path("auth/me", me),
    *TokenViewSet.routes("auth/tokens"),
    path("users/signup", signup),
    path("users/login", login),
    path("users/me", me),
    path("users/<uuid:user_id>", homes.MeViewSet.as_view({"patch": "partial_update"})),
    path("invitations/<str:token>/accept", homes.JoinViewSet.as_view({"post": "accept"})),
    path("homes", homes.HomesViewSet.as_view({"get": "list", "post": "create"})),
    *ImportViewSet.routes("homes/import"),
    path("homes/<uuid:home_id>", homes.HomeDetailViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
]

home = [
    *homes.MemberViewSet.routes("members"),
    *homes.InvitationViewSet.routes("invitations"),
    path("events", EventViewSet.as_view({"get": "list"})),
    path("activity", ActivityViewSet.as_view({"get": "list"})),
    path("intents", IntentViewSet.as_view({"post": "create"})),
    path("undo", UndoViewSet.as_view({"post": "create"})),
    path("export", ExportViewSet.as_view({"get": "retrieve"})),
    path("search", SearchViewSet.as_view({"get": "list"})),
    path("audit", AuditViewSet.as_view({"get": "list"})),
    path("log-check", LogCheckViewSet.as_view({"get": "list"})),
]
