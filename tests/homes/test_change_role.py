from functools import partial

import pytest

from homes.actions import change_role, rename_user, update_home
from homes.models import Membership
from pantry.errors import ActionError, Forbidden
from tests.factories import by, run_concurrently


def test_owner_can_make_a_member_an_owner(nok, ben, events):
    ben = change_role(ben, "owner", by=by(nok))
    assert ben.is_owner
    update_home(ben.home, by=by(ben), name="Ours")
    (event, _updated) = events.of(nok.home)
    assert (event.type, event.changes) == ("member_updated", {"role": ["member", "owner"]})


def test_setting_the_same_role_records_no_event(nok, ben, events):
    change_role(ben, "member", by=by(nok))
    assert events(nok.home) == []


def test_member_changing_a_role_is_forbidden(ben):
    with pytest.raises(Forbidden, match="Ask Nok"):
        change_role(ben, "owner", by=by(ben))


def test_owner_of_another_home_changing_a_role_is_forbidden(nok, ben, mai):
    with pytest.raises(Forbidden):
        change_role(ben, "owner", by=by(mai))


def test_last_owner_cannot_become_a_member(nok):
    with pytest.raises(ActionError, match="needs an owner"):
        change_role(nok, "member", by=by(nok))


def test_unknown_role_is_rejected(nok, ben):
    with pytest.raises(ActionError):
        change_role(ben, "queen", by=by(nok))


@pytest.mark.django_db(transaction=True)
def test_two_owners_stepping_down_concurrently_leaves_one_owner(nok, ben):
    change_role(ben, "owner", by=by(nok))

    def step_down(member):
        try:
            return change_role(member, "member", by=by(member)).role
        except ActionError:
            return "owner"

    assert sorted(run_concurrently(partial(step_down, nok), partial(step_down, ben))) == ["member", "owner"]
    assert Membership.objects.filter(home=nok.home, role="owner").count() == 1


def test_renaming_a_user_records_an_event_in_each_home(nok, mai, events):
    Membership.objects.create(home=mai.home, user=nok.user, number=2)
    rename_user(nok.user, name="Nok S.")
    for home in (nok.home, mai.home):
        (event,) = events.of(home)
        assert (event.type, event.data["member"]["name"]) == ("member_updated", "Nok S.")
