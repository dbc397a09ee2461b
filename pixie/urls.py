from django.urls import path

from pixie import views

app_name = "pixie"

urlpatterns = [
    path("", views.today, name="today"),
    path("tell", views.tell, name="tell"),
    path("answer/<uuid:message_id>", views.decide, name="decide"),
    path("stop/<uuid:message_id>", views.stop, name="stop"),
    path("undo/<uuid:message_id>", views.undo, name="undo"),
]
