"""The demo's accounts are recognized whatever they did since: they never open a server, and can be removed."""

import pytest
from django.core.management.base import CommandError

from homes.accounts import demo_accounts
from homes.accounts.actions import sign_up
from homes.accounts.models import User
from homes.actions import accept_invitation, create_home, invite
from homes.events.actor import Actor
from homes.events.models import Origin
from homes.models import Home, Membership, Role
from pantry import demo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seeded() -> None:
    demo.seed()


def change_email(email: str) -> User:
    User.objects.filter(email=email).update(email=f"renamed-{email}")
    return User.objects.get(email=f"renamed-{email}")


@pytest.mark.parametrize("email", demo_accounts.EMAILS)
def test_demo_account_with_another_email_keeps_the_server_private(email: str, seeded: None) -> None:
    renamed = change_email(email)
    User.objects.exclude(pk=renamed.pk).update(password="!")

    assert demo.open_accounts() == [renamed.email]
    with pytest.raises(CommandError):
        demo.require_private("0.0.0.0")  # noqa: S104
    assert demo.seed() is False


@pytest.mark.parametrize("email", demo_accounts.EMAILS)
def test_demo_account_with_another_email_is_removed(email: str, seeded: None) -> None:
    change_email(email)

    assert demo.remove() == []
    assert not User.objects.exists()
    assert not Home.objects.exists()


@pytest.mark.parametrize("role", Role.values)
def test_removed_demo_account_leaves_homes_of_others(role: str, seeded: None) -> None:
    former, real = (
        User.objects.get(email=demo_accounts.EMAILS[1]),
        sign_up("real@home.example", "quite-a-Long-pass-77", "Real"),
    )
    owner = create_home(real, origin=Origin.COMMAND, name="Real home")
    _invitation, token = invite(by=Actor.of(owner, Origin.COMMAND), role=role)
    accept_invitation(token, former, origin=Origin.COMMAND)

    assert demo.remove() == [demo_accounts.EMAILS[1]]
    assert [member.user for member in Membership.objects.all()] == [real]
    assert not User.objects.get(pk=former.pk).is_active


def test_home_that_a_demo_account_made_gets_another_owner(seeded: None) -> None:
    maker, real = (
        User.objects.get(email=demo_accounts.EMAILS[0]),
        sign_up("real@home.example", "quite-a-Long-pass-77", "Real"),
    )
    owner = create_home(maker, origin=Origin.COMMAND, name="Shared")
    _invitation, token = invite(by=Actor.of(owner, Origin.COMMAND))
    accept_invitation(token, real, origin=Origin.COMMAND)

    assert demo.remove() == [demo_accounts.EMAILS[0]]
    assert [(member.user, member.role) for member in Membership.objects.all()] == [(real, Role.OWNER)]
    assert [home.name for home in Home.objects.all()] == ["Shared"]
