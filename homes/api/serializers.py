"""People, homes and what happens in them, in JSON."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from homes.accounts.api.serializers import Pair, UserSerializer
from homes.models import Invitation, Role
from pantry.api.fields import (
    DateTime,
    Email,
    Id,
    Integer,
    Line,
    NumberField,
    QueryNumber,
    currency,
    money,
    zone,
)


class HomeChoice(serializers.Serializer):  # type: ignore[type-arg]
    home_id = Id()


class HomeName(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()


class HomeRole(HomeName):
    role = serializers.ChoiceField(choices=Role.choices)


class Switched(Pair):
    home = HomeName()


class Me(serializers.Serializer):  # type: ignore[type-arg]
    user = UserSerializer()
    active_home = HomeRole(allow_null=True)
    homes = HomeRole(many=True)


class UserChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(80, required=False)
    locale = serializers.ChoiceField(required=False, choices=settings.LANGUAGES)


class HomeSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    timezone = serializers.CharField()
    currency = serializers.CharField()
    locale = serializers.CharField()
    monthly_budget = NumberField(allow_null=True)
    created_at = serializers.DateTimeField()


class HomeChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(80, required=False)
    timezone = zone(required=False)
    currency = currency(required=False)
    locale = serializers.ChoiceField(required=False, choices=settings.LANGUAGES)
    monthly_budget = money(required=False, allow_null=True)


class NewHome(HomeChange):
    name = Line(80)


class MemberSerializer(serializers.Serializer):  # type: ignore[type-arg]
    user_id = serializers.UUIDField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    number = serializers.IntegerField(help_text="The place in the order of joining.")
    joined_at = serializers.DateTimeField()


class RoleChange(serializers.Serializer):  # type: ignore[type-arg]
    role = serializers.ChoiceField(choices=Role.choices)


class InvitationSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    email = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    state = serializers.ChoiceField(choices=Invitation.STATES)
    expires_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()


def invitations(rows: list[Invitation]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in INVITATION_FIELDS} for row in rows]


INVITATION_FIELDS = [*InvitationSerializer().fields]


class NewInvitation(serializers.Serializer):  # type: ignore[type-arg]
    email = Email(blank=True, required=False)
    role = serializers.ChoiceField(required=False, choices=Role.choices)


class InvitationMade(InvitationSerializer):
    token = serializers.CharField(help_text="Shown this once.")
    url = serializers.URLField(help_text="The link that lets one person in.")


class Joined(serializers.Serializer):  # type: ignore[type-arg]
    home = HomeName()
    role = serializers.ChoiceField(choices=Role.choices)


class ActorSerializer(serializers.Serializer):  # type: ignore[type-arg]
    user = serializers.UUIDField(allow_null=True)
    agent = serializers.UUIDField(allow_null=True)


class EventSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """What one may not read of is `{"seq"}` alone."""

    seq = serializers.IntegerField()
    type = serializers.CharField(required=False)
    actor = ActorSerializer(required=False)
    at = serializers.DateTimeField(required=False)
    data = serializers.DictField(required=False)  # type: ignore[assignment]
    changes = serializers.DictField(required=False)
    op_id = serializers.UUIDField(required=False, allow_null=True)


@extend_schema_serializer(many=False)
class EventPage(serializers.Serializer):  # type: ignore[type-arg]
    results = EventSerializer(many=True)
    seq = serializers.IntegerField(help_text="The newest number of the home's log.")
    next = serializers.URLField(allow_null=True)


# What was done without a signal


class Intent(serializers.Serializer):  # type: ignore[type-arg]
    op_id = Id(help_text="Made by the device. Sent again, it gets the same answer.")
    kind = Line(40, help_text="A verb, like `purchase_entry`: see docs/offline.md.")
    meant_at = DateTime(help_text="When the person did it, by the device's clock.")
    seen = Integer(0, 2**31, required=False, allow_null=True, help_text="The entry's version that they saw.")
    data = serializers.DictField()  # type: ignore[assignment]


class Intents(serializers.Serializer):  # type: ignore[type-arg]
    now = DateTime(help_text="The device's clock, as it sends.")
    by = Id(required=False, help_text="Who did it: for anybody else nothing is done.")
    intents = serializers.ListField(child=Intent(), max_length=100)


class IntentResult(serializers.Serializer):  # type: ignore[type-arg]
    op_id = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=["done", "overtaken", "refused", "failed"])
    message = serializers.CharField(allow_blank=True, help_text="A sentence for who did it, where there is one to say.")
    seq = serializers.IntegerField(help_text="The home's number then: what was loaded at it, or after, shows it.")
    lost = serializers.ListField(child=serializers.CharField(), help_text="The fields on which something else stands.")


@extend_schema_serializer(many=False)
class IntentResults(serializers.Serializer):  # type: ignore[type-arg]
    results = IntentResult(many=True)


class AuditSerializer(EventSerializer):
    origin = serializers.CharField()
    meant_at = serializers.DateTimeField(allow_null=True, help_text="When it was done, where that was offline.")


@extend_schema_serializer(many=False)
class AuditPage(serializers.Serializer):  # type: ignore[type-arg]
    results = AuditSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class EventQuery(serializers.Serializer):  # type: ignore[type-arg]
    after = QueryNumber(int, 0, required=False, help_text="The last number one has.")
    limit = QueryNumber(int, 1, 1000, required=False)


class AuditQuery(serializers.Serializer):  # type: ignore[type-arg]
    before = QueryNumber(int, 0, required=False, help_text="The number that the page before ended with.")
    limit = QueryNumber(int, 1, 1000, required=False)
