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
    path("users/me/devices", DeviceViewSet.as_view({"get": "list", "post": "create"})),
    path("users/me/devices/key", DeviceViewSet.as_view({"get": "key"})),
    path("users/me/devices/<uuid:device_id>", DeviceViewSet.as_view({"delete": "destroy"})),
    path("users/me/devices/<uuid:device_id>/test", DeviceViewSet.as_view({"post": "test"})),
]

home = [path("notices", NoticeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}))]
