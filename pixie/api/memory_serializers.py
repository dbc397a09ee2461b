"""Serializers of memory blocks and passages."""

from rest_framework import serializers

from pantry.api.fields import Boolean, Id, Integer, Text
from pixie.models import MemoryBlock, Passage, Source


class BlockSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField(allow_null=True, help_text="Null if the block has never been written.")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="personality, household, preferences, or member for the one about the caller."
    )
    user_id = serializers.UUIDField(allow_null=True, help_text="The member it is about, if any.")
    content = serializers.CharField()
    char_limit = serializers.IntegerField()
    version = serializers.IntegerField(help_text="0 if the block has never been written.")
    agent_id = serializers.UUIDField(help_text="The agent that owns the block, which may share it with this one.")
    is_shared = serializers.BooleanField(help_text="Whether other agents read it, too.")
    shared_with = serializers.ListField(
        child=serializers.UUIDField(), help_text="Ids of the other agents that read it."
    )


class NewReader(serializers.Serializer):  # type: ignore[type-arg]
    agent_id = Id(help_text="Another agent of the home.")


class BlockChange(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(MemoryBlock.MAX_CHARS, blank=True)
    version = Integer(0, help_text="The version that was read. Another one gives 409.")


class BlockPast(serializers.Serializer):  # type: ignore[type-arg]
    """A version of a memory block."""

    seq = serializers.IntegerField()
    user_id = serializers.UUIDField(allow_null=True, help_text="The member who wrote it.")
    agent_id = serializers.UUIDField(allow_null=True)
    content = serializers.CharField()
    version = serializers.IntegerField()
    at = serializers.DateTimeField()


class PassageSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    content = serializers.CharField()
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]
    source_id = serializers.UUIDField(allow_null=True, help_text="The message or purchase it comes from.")
    channel_id = serializers.UUIDField(
        allow_null=True, help_text="The channel whose members may see it; null for the whole home."
    )
    user_id = serializers.UUIDField(allow_null=True, help_text="The member who said or did it.")
    author_name = serializers.CharField(help_text="Name of an author without an account.")
    tags = serializers.ListField(child=serializers.CharField())
    said_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class PassageQuery(serializers.Serializer):  # type: ignore[type-arg]
    q = Text(500, blank=True, required=False, help_text="Search by words and meaning.")


class PassageChange(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(Passage.MAX_LENGTH)
    version = Integer(1, help_text="The version that was read. Another one gives 409.")


class NewPassage(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(Passage.MAX_LENGTH)
    for_home = Boolean(required=False, help_text="True for the whole home; otherwise only for the caller.")


PASSAGE_COLUMNS = [
    "id", "content", "source", "source_id", "channel_id", "user_id", "author_name", "tags", "said_at",
    "version",
]  # fmt: skip
