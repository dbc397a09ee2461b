"""Serializers of users, homes, members, invitations, events and offline changes."""

from django.conf import settings
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from homes.accounts.api.auth import Pair, UserSerializer
from homes.events import chain
from homes.models import Invitation, Role
from pantry.api.fields import Boolean, DateTime, Email, Id, Integer, Line, NumberField, ShortList, currency, money, zone


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


SHARES_EXAMPLES = "Whether what members teach Pixie may be exported, without names, to improve it."
FILLS_PANTRY = "Whether buying a list item puts its amount into the pantry."


class HomeSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    timezone = serializers.CharField()
    currency = serializers.CharField()
    locale = serializers.CharField()
    monthly_budget = NumberField(allow_null=True)
    shares_examples = serializers.BooleanField(help_text=SHARES_EXAMPLES)
    fills_pantry = serializers.BooleanField(help_text=FILLS_PANTRY)
    created_at = serializers.DateTimeField()


class HomeChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(80, required=False)
    timezone = zone(required=False)
    currency = currency(required=False)
    locale = serializers.ChoiceField(required=False, choices=settings.LANGUAGES)
    monthly_budget = money(required=False, allow_null=True)
    shares_examples = Boolean(required=False, help_text=SHARES_EXAMPLES)
    fills_pantry = Boolean(required=False, help_text=FILLS_PANTRY)


class NewHome(HomeChange):
    name = Line(80)


class MemberSerializer(serializers.Serializer):  # type: ignore[type-arg]
    user_id = serializers.UUIDField()
    name = serializers.CharField(source="user.name")
    role = serializers.ChoiceField(choices=Role.choices)
    number = serializers.IntegerField(help_text="Joining order, from 1.")
    joined_at = serializers.DateTimeField()


class RoleChange(serializers.Serializer):  # type: ignore[type-arg]
    role = serializers.ChoiceField(choices=Role.choices)


INVITATION_EMAIL = "A note of who the link is for. Nothing is sent, and whoever has the link can use it."


class InvitationSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    email = serializers.CharField(help_text=INVITATION_EMAIL)
    role = serializers.ChoiceField(choices=Role.choices)
    state = serializers.ChoiceField(choices=Invitation.STATES)
    expires_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()


class NewInvitation(serializers.Serializer):  # type: ignore[type-arg]
    email = Email(blank=True, required=False, help_text=INVITATION_EMAIL)
    role = serializers.ChoiceField(required=False, choices=Role.choices)


class InvitationMade(InvitationSerializer):
    token = serializers.CharField(help_text="Shown only once.")
    url = serializers.URLField(help_text="The invitation link, for one person.")


class Joined(serializers.Serializer):  # type: ignore[type-arg]
    home = HomeName()
    role = serializers.ChoiceField(choices=Role.choices)


class ActorSerializer(serializers.Serializer):  # type: ignore[type-arg]
    user = serializers.UUIDField(allow_null=True)
    agent = serializers.UUIDField(allow_null=True)


class EventSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """An event that you can't see is only `{"seq"}`."""

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
    seq = serializers.IntegerField(help_text="The number of the home's last event.")
    next = serializers.URLField(allow_null=True)


class Intent(serializers.Serializer):  # type: ignore[type-arg]
    op_id = Id(help_text="Created by the device. Sending it again returns the same result.")
    kind = Line(40, help_text="The command, like `purchase_entry`: see docs/offline.md.")
    meant_at = DateTime(help_text="When the user made the change, by the device's clock.")
    seen = Integer(0, 2**31, required=False, allow_null=True, help_text="The version of the item that the user saw.")
    data = serializers.DictField()  # type: ignore[assignment]


class Intents(serializers.Serializer):  # type: ignore[type-arg]
    now = DateTime(help_text="The device's clock at the time of sending.")
    by = Id(required=False, help_text="The user who made the changes. The request fails if someone else is signed in.")
    intents = ShortList(child=Intent(), max_length=100)


class IntentResult(serializers.Serializer):  # type: ignore[type-arg]
    op_id = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=["done", "overtaken", "refused", "failed"])
    message = serializers.CharField(allow_blank=True, help_text="A message for the user, if any.")
    seq = serializers.IntegerField(help_text="The home's last `seq`. Data loaded at it or later includes the change.")
    lost = serializers.ListField(child=serializers.CharField(), help_text="The fields where a later change won.")


@extend_schema_serializer(many=False)
class IntentResults(serializers.Serializer):  # type: ignore[type-arg]
    results = IntentResult(many=True)


class AuditSerializer(EventSerializer):
    origin = serializers.CharField()
    meant_at = serializers.DateTimeField(allow_null=True, help_text="When the change was made, if offline.")


@extend_schema_serializer(many=False)
class AuditPage(serializers.Serializer):  # type: ignore[type-arg]
    results = AuditSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class FindingSerializer(serializers.Serializer):  # type: ignore[type-arg]
    kind = serializers.ChoiceField(choices=list(chain.MESSAGES))
    first = serializers.IntegerField(help_text="The number of the first event that it is about.")
    last = serializers.IntegerField()
    message = serializers.CharField()


@extend_schema_serializer(many=False)
class LogCheck(serializers.Serializer):  # type: ignore[type-arg]
    results = FindingSerializer(many=True, help_text="Empty if everything is as it was recorded.")
    head = serializers.CharField(help_text="The number and the hash of the last event that was checked.")
    seq = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
