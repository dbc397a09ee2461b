from django.urls import path

from homes import security, views

app_name = "homes"
urlpatterns = [
    path("", views.start, name="start"),
    path("list/", views.start, {"place": "groceries:current"}, name="list"),
    path("chat/", views.start, {"place": "chat:chat"}, name="chat"),
    path("share/", views.share, name="share"),
    path("me/", views.profile, name="profile"),
    path("me/security/", security.security, name="security"),
    path("me/security/sessions/<int:pk>/end/", security.end_session, name="end_session"),
    path("me/security/sign-out/", security.end_others, name="end_others"),
    path("me/security/tokens/new/", security.new_token, name="new_token"),
    path("me/security/tokens/<uuid:pk>/revoke/", security.revoke_token, name="revoke_token"),
    path("me/export/", security.export, name="export_account"),
    path("me/close/", security.close, name="close_account"),
    path("homes/new/", views.new, name="new"),
    path("homes/import/", views.import_page, name="import"),
    path("homes/import/<uuid:pk>/cancel/", views.cancel_import, name="cancel_import"),
    path("join/", views.join, name="join"),
    path("join/<str:token>/", views.invitation, name="invitation"),
    path("h/<uuid:home_id>/home/", views.home, name="home"),
    path("h/<uuid:home_id>/home/update/", views.update, name="update"),
    path("h/<uuid:home_id>/home/invite/", views.invite, name="invite"),
    path("h/<uuid:home_id>/home/invitations/<uuid:pk>/revoke/", views.revoke, name="revoke"),
    path("h/<uuid:home_id>/home/members/<uuid:pk>/role/", views.role, name="role"),
    path("h/<uuid:home_id>/home/members/<uuid:pk>/remove/", views.remove, name="remove"),
    path("h/<uuid:home_id>/activity/", views.activity, name="activity"),
    path("h/<uuid:home_id>/activity/<int:seq>/undo", views.undo, name="undo"),
    path("h/<uuid:home_id>/home/leave/", views.leave, name="leave"),
]
