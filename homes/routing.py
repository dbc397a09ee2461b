from django.urls import path

from homes.consumers import HomeConsumer

websocket_urlpatterns = [path("ws/<uuid:home_id>", HomeConsumer.as_asgi())]  # type: ignore[arg-type]  # Django's stubs know views alone
