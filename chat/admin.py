"""Admin pages for channels and messages, read-only."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from chat.models import Channel, ChannelMember, Message, Reaction
from pantry.admin import ReadOnlyAdmin, ReadOnlyInline, format_json, truncate


class ChannelMemberInline(ReadOnlyInline):
    model = ChannelMember
    readonly_fields = fields = ("user", "agent", "last_read_seq")


class ReactionInline(ReadOnlyInline):
    model = Reaction
    readonly_fields = fields = ("emoji", "user", "agent", "created_at")


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "home", "kind", "topic", "created_by", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["home", "created_by"]
    search_fields = ["name", "title", "home__name"]
    inlines = [ChannelMemberInline]


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["seq", "home", "channel", "author", "text", "state", "created_at"]
    list_filter = ["state", "channel__kind"]
    list_select_related = ["home", "channel", "author_user", "author_agent"]
    search_fields = ["body", "home__name", "author_user__email"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    exclude = ["metadata"]
    readonly_fields = ["metadata_"]
    inlines = [ReactionInline]

    @admin.display(description=_("author"))
    def author(self, message: Message) -> str:
        return str(message.author_user or message.author_agent or message.author_name)

    @admin.display(description=_("text"))
    def text(self, message: Message) -> str:
        return truncate(message, "body")

    @admin.display(description=_("metadata"))
    def metadata_(self, message: Message) -> str:
        return format_json(message.metadata)
