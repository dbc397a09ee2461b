from django.urls import path

from groceries.views import _soon

app_name = "pixie"
urlpatterns = [path("", _soon, name="today")]
