"""Files in the admin: what is stored, not what is in it."""

from django.contrib import admin

from homes.files.models import StoredFile
from pantry.admin import ReadOnlyAdmin


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    list_display = ["name", "home", "kind", "media_type", "size", "uploaded_by", "created_at", "removed_at"]
    list_filter = ["kind", "media_type"]
    list_select_related = ["home", "uploaded_by"]
    search_fields = ["name", "home__name"]
    exclude = ["content", "thumbnail"]
