from django.urls import path

from homes.notifications import views
from homes.notifications.api import DeviceViewSet, NoticeViewSet

app_name = "notifications"
urlpatterns = [
    path("me/devices/", views.add, name="add_device"),
    path("me/devices/<uuid:device_id>/test/", views.test, name="test_device"),
    path("me/devices/<uuid:device_id>/forget/", views.forget, name="forget_device"),
    path("h/<uuid:home_id>/home/notices/", views.notices, name="notices"),
]

account = [
    path("users/me/devices/key", DeviceViewSet.as_view({"get": "key"})),
    *DeviceViewSet.routes("users/me/devices", "test"),
]

home = [path("notices", NoticeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}))]
