from django.urls import path

from homes.files import views
from homes.files.api import FileViewSet
from pantry.uploads import takes_file

app_name = "files"
file = "files/<uuid:file_id>"

urlpatterns = [
    path("files/archive", views.archive, name="archive"),
    path(f"{file}/", views.page, name="file"),
    path(f"{file}/content", views.content, name="content"),
    path(f"{file}/thumbnail", views.thumbnail, name="thumbnail"),
    path(f"{file}/remove", views.remove, name="remove"),
    path("files/<str:kind>/<uuid:target_id>/add", views.add, name="add"),
]

api = [
    path("files", takes_file(FileViewSet.as_view({"get": "list", "post": "create"}))),
    path(file, FileViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path(f"{file}/content", FileViewSet.as_view({"get": "content"})),
    path(f"{file}/thumbnail", FileViewSet.as_view({"get": "thumbnail"})),
]
