"""People, homes and what happens in them, in JSON."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from homes.models import ApiToken, Invitation, Role
from homes.texts import visible_line
from pantry.models import as_json


@extend_schema_field({"type": "string", "examples": ["1.5"]})
class NumberField(serializers.Field):  # type: ignore[type-arg]
    """A quantity or price as a string without trailing zeros: exact, whatever the client's numbers are."""

    def to_representation(self, value: Decimal) -> Any:
        return as_json(value)


class Line(serializers.CharField):
    """One line of text, with something to see in it."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        line = "" if "\0" in text else visible_line(text)
        if not line:
            self.fail("blank")
        return line


class UserShape(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()


class SignedIn(serializers.Serializer):  # type: ignore[type-arg]
    token = serializers.CharField(allow_null=True)
    refresh = serializers.CharField(allow_null=True)
    user = UserShape()


class SignUp(serializers.Serializer):  # type: ignore[type-arg]
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=200, trim_whitespace=False)
    name = Line(max_length=80)


class SignIn(serializers.Serializer):  # type: ignore[type-arg]
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=200, trim_whitespace=False)
    code = serializers.CharField(required=False, max_length=20, help_text="Of the second step, where it is on.")


class RefreshShape(serializers.Serializer):  # type: ignore[type-arg]
    refresh = serializers.CharField(max_length=4000)


class SignOut(serializers.Serializer):  # type: ignore[type-arg]
    refresh = serializers.CharField(max_length=4000, required=False)


class Pair(serializers.Serializer):  # type: ignore[type-arg]
    token = serializers.CharField()
    refresh = serializers.CharField()


class HomeChoice(serializers.Serializer):  # type: ignore[type-arg]
    home_id = serializers.UUIDField()


class HomeName(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()


class HomeRole(HomeName):
    role = serializers.ChoiceField(choices=Role.choices)


class Switched(Pair):
    home = HomeName()


class Me(serializers.Serializer):  # type: ignore[type-arg]
    user = UserShape()
    active_home = HomeRole(allow_null=True)
    homes = HomeRole(many=True)


class UserChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(required=False, max_length=80)
    locale = serializers.ChoiceField(required=False, choices=settings.LANGUAGES)


class HomeShape(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    timezone = serializers.CharField()
    currency = serializers.CharField()
    locale = serializers.CharField()
    monthly_budget = NumberField(allow_null=True)
    created_at = serializers.DateTimeField()


class HomeChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(required=False, max_length=80)
    timezone = serializers.CharField(required=False, max_length=64, help_text="Like Asia/Bangkok.")
    currency = serializers.CharField(required=False, max_length=3, help_text="Three letters, like THB.")
    locale = serializers.ChoiceField(required=False, choices=settings.LANGUAGES)
    monthly_budget = serializers.DecimalField(
        required=False, allow_null=True, max_digits=10, decimal_places=2, min_value=Decimal(0)
    )


class NewHome(HomeChange):
    name = Line(max_length=80)


class MemberShape(serializers.Serializer):  # type: ignore[type-arg]
    user_id = serializers.UUIDField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    number = serializers.IntegerField(help_text="The place in the order of joining.")
    joined_at = serializers.DateTimeField()


class RoleChange(serializers.Serializer):  # type: ignore[type-arg]
    role = serializers.ChoiceField(choices=Role.choices)


class InvitationShape(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    email = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    state = serializers.ChoiceField(choices=Invitation.STATES)
    expires_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()


def invitations(rows: list[Invitation]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in INVITATION_FIELDS} for row in rows]


INVITATION_FIELDS = [*InvitationShape().fields]


class NewInvitation(serializers.Serializer):  # type: ignore[type-arg]
    email = serializers.EmailField(required=False, allow_blank=True)
    role = serializers.ChoiceField(required=False, choices=Role.choices)


class InvitationMade(InvitationShape):
    token = serializers.CharField(help_text="Shown this once.")
    url = serializers.URLField(help_text="The link that lets one person in.")


class Joined(serializers.Serializer):  # type: ignore[type-arg]
    home = HomeName()
    role = serializers.ChoiceField(choices=Role.choices)


class TokenShape(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How it begins, to tell it from others.")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=ApiToken.SCOPES))
    home_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class NewToken(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(max_length=80)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=ApiToken.SCOPES), allow_empty=False)
    home_id = serializers.UUIDField(required=False, allow_null=True, help_text="It then opens this home alone.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class TokenMade(TokenShape):
    key = serializers.CharField(help_text="Shown this once. Send it as `Authorization: Bearer …`.")


class PushKey(serializers.Serializer):  # type: ignore[type-arg]
    public_key = serializers.CharField(help_text="As `applicationServerKey` takes it.")


class DeviceShape(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="When it was told something last.")
    failed_at = serializers.DateTimeField(allow_null=True, help_text="When it could not be, if later.")


class DeviceKeys(serializers.Serializer):  # type: ignore[type-arg]
    p256dh = serializers.CharField(max_length=100)
    auth = serializers.CharField(max_length=40)


class NewDevice(serializers.Serializer):  # type: ignore[type-arg]
    """What a browser's `PushSubscription.toJSON()` says, and a name for people."""

    endpoint = serializers.CharField(max_length=1000)
    keys = DeviceKeys()
    name = serializers.CharField(required=False, max_length=60)


class NoticeChoices(serializers.Serializer):  # type: ignore[type-arg]
    kinds = serializers.DictField(child=serializers.BooleanField(), help_text="By kind, whether one is told.")
    quiet_from = serializers.TimeField(allow_null=True, help_text="By the home's clock. Null: no quiet hours.")
    quiet_until = serializers.TimeField(allow_null=True)


class NoticeChange(serializers.Serializer):  # type: ignore[type-arg]
    kinds = serializers.DictField(child=serializers.BooleanField(), required=False, help_text="Others stay.")
    quiet_from = serializers.TimeField(required=False, allow_null=True)
    quiet_until = serializers.TimeField(required=False, allow_null=True)


class ActorShape(serializers.Serializer):  # type: ignore[type-arg]
    user = serializers.UUIDField(allow_null=True)
    agent = serializers.UUIDField(allow_null=True)


class EventShape(serializers.Serializer):  # type: ignore[type-arg]
    """What one may not read of is `{"seq"}` alone."""

    seq = serializers.IntegerField()
    type = serializers.CharField(required=False)
    actor = ActorShape(required=False)
    at = serializers.DateTimeField(required=False)
    data = serializers.DictField(required=False)  # type: ignore[assignment]
    changes = serializers.DictField(required=False)
    op_id = serializers.UUIDField(required=False, allow_null=True)


@extend_schema_serializer(many=False)
class EventPage(serializers.Serializer):  # type: ignore[type-arg]
    results = EventShape(many=True)
    seq = serializers.IntegerField(help_text="The newest number of the home's log.")
    next = serializers.URLField(allow_null=True)


# What was done without a signal


class Intent(serializers.Serializer):  # type: ignore[type-arg]
    op_id = serializers.UUIDField(help_text="Made by the device. Sent again, it gets the same answer.")
    kind = serializers.CharField(max_length=40, help_text="A verb, like `purchase_entry`: see docs/offline.md.")
    meant_at = serializers.DateTimeField(help_text="When the person did it, by the device's clock.")
    seen = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=2**31, help_text="The entry's version that they saw."
    )
    data = serializers.DictField()  # type: ignore[assignment]


class Intents(serializers.Serializer):  # type: ignore[type-arg]
    now = serializers.DateTimeField(help_text="The device's clock, as it sends.")
    by = serializers.UUIDField(required=False, help_text="Who did it: for anybody else nothing is done.")
    intents = serializers.ListField(child=Intent(), max_length=100)


class IntentResult(serializers.Serializer):  # type: ignore[type-arg]
    op_id = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=["done", "overtaken", "refused"])
    message = serializers.CharField(allow_blank=True, help_text="A sentence for who did it, where there is one to say.")
    seq = serializers.IntegerField(help_text="The home's number then: what was loaded at it, or after, shows it.")
    lost = serializers.ListField(child=serializers.CharField(), help_text="The fields on which something else stands.")


@extend_schema_serializer(many=False)
class IntentResults(serializers.Serializer):  # type: ignore[type-arg]
    results = IntentResult(many=True)


class AuditShape(EventShape):
    door = serializers.CharField()
    meant_at = serializers.DateTimeField(allow_null=True, help_text="When it was done, where that was offline.")


@extend_schema_serializer(many=False)
class AuditPage(serializers.Serializer):  # type: ignore[type-arg]
    results = AuditShape(many=True)
    next = serializers.URLField(allow_null=True)


class EventQuery(serializers.Serializer):  # type: ignore[type-arg]
    after = serializers.IntegerField(required=False, min_value=0, max_value=2**53, help_text="The last number one has.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=1000)


class AuditQuery(serializers.Serializer):  # type: ignore[type-arg]
    before = serializers.IntegerField(required=False, min_value=0, max_value=2**53)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=1000)
