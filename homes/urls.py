from django.urls import path

from homes.views import home, invitations, members, profile, start

app_name = "homes"
urlpatterns = [
    path("", start.start, name="start"),
    path("list/", start.start, {"place": "groceries:current"}, name="list"),
    path("chat/", start.start, {"place": "chat:chat"}, name="chat"),
    path("share/", start.share, name="share"),
    path("me/", profile.profile, name="profile"),
    path("homes/new/", start.new, name="new"),
    path("join/", invitations.join, name="join"),
    path("join/<str:token>/", invitations.invitation, name="invitation"),
    path("h/<uuid:home_id>/home/", home.home, name="home"),
    path("h/<uuid:home_id>/home/update/", home.update, name="update"),
    path("h/<uuid:home_id>/home/invite/", invitations.invite, name="invite"),
    path("h/<uuid:home_id>/home/invitations/<uuid:pk>/revoke/", invitations.revoke, name="revoke"),
    path("h/<uuid:home_id>/home/members/<uuid:pk>/role/", members.role, name="role"),
    path("h/<uuid:home_id>/home/members/<uuid:pk>/remove/", members.remove, name="remove"),
    path("h/<uuid:home_id>/home/leave/", members.leave, name="leave"),
]
