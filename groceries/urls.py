from django.urls import path

from groceries import views

app_name = "groceries"
urlpatterns = [
    path("list/", views.current, name="current"),
    path("lists/", views.lists, name="lists"),
    path("lists/<uuid:list_id>/", views.list_page, name="list"),
    path("money/", views.money, name="money"),
]
