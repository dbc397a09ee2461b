"""Memory, in the shapes that clients know."""

from rest_framework import serializers

from pantry.api.fields import Boolean, Id, Integer, Text
from pixie.models import MemoryBlock, Passage, Source


class BlockSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField(allow_null=True, help_text="None where nobody wrote the first word yet.")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="personality, household, preferences; member is about oneself."
    )
    user_id = serializers.UUIDField(allow_null=True, help_text="Whom it is about.")
    content = serializers.CharField()
    char_limit = serializers.IntegerField()
    version = serializers.IntegerField(help_text="0 where nobody wrote the first word yet.")
    agent_id = serializers.UUIDField(help_text="Whose block it is; another's where that is shared with this agent.")
    is_shared = serializers.BooleanField(help_text="Other agents read it, too.")
    shared_with = serializers.ListField(child=serializers.UUIDField(), help_text="Ids of those agents.")


class NewReader(serializers.Serializer):  # type: ignore[type-arg]
    agent_id = Id(help_text="Another agent of the home.")


class BlockChange(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(MemoryBlock.LIMIT, blank=True)
    version = Integer(0, help_text="The one that was seen.")


class BlockPast(serializers.Serializer):  # type: ignore[type-arg]
    """What stood there from that moment on."""

    seq = serializers.IntegerField()
    user_id = serializers.UUIDField(allow_null=True, help_text="Who wrote it.")
    agent_id = serializers.UUIDField(allow_null=True)
    content = serializers.CharField()
    version = serializers.IntegerField()
    at = serializers.DateTimeField()


class PassageSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    content = serializers.CharField()
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]
    source_id = serializers.UUIDField(allow_null=True, help_text="The message or the purchase that it is from.")
    channel_id = serializers.UUIDField(allow_null=True, help_text="Who is in it may know; else the whole home.")
    user_id = serializers.UUIDField(allow_null=True, help_text="Who said or did it.")
    author_name = serializers.CharField(help_text="Of who is nobody here.")
    tags = serializers.ListField(child=serializers.CharField())
    said_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class PassageQuery(serializers.Serializer):  # type: ignore[type-arg]
    q = Text(500, blank=True, required=False, help_text="What it is about: found by words and meaning, the best first.")


class PassageChange(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(Passage.MAX_LENGTH)
    version = Integer(1, help_text="The one that was seen.")


class NewPassage(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(Passage.MAX_LENGTH)
    for_home = Boolean(required=False, help_text="For everybody at home; else for oneself alone.")


PASSAGE_COLUMNS = [
    "id", "content", "source", "source_id", "channel_id", "user_id", "author_name", "tags", "said_at",
    "version",
]  # fmt: skip
