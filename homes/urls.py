from django.urls import path

app_name = "homes"
urlpatterns: list = []
