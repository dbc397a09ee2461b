from functools import partial

import pytest

from homes.actions import change_role, rename_user, update_home
from homes.models import Membership
from pantry.errors import ActionError, Forbidden
from tests.cast import at_once, by


def test_an_owner_makes_another(nok, ben, events):
    ben = change_role(ben, "owner", by=by(nok))
    assert ben.is_owner
    update_home(ben.home, by=by(ben), name="Ours")
    (event, _updated) = events.of(nok.home)
    assert (event.type, event.changes) == ("member_updated", {"role": ["member", "owner"]})


def test_the_same_role_again_tells_nobody(nok, ben, events):
    change_role(ben, "member", by=by(nok))
    assert events(nok.home) == []


def test_members_change_no_roles_not_even_their_own(ben):
    with pytest.raises(Forbidden, match="Ask Nok"):
        change_role(ben, "owner", by=by(ben))


def test_an_owner_elsewhere_is_nobody_here(nok, ben, mai):
    with pytest.raises(Forbidden):
        change_role(ben, "owner", by=by(mai))


def test_the_last_owner_stays_one(nok):
    with pytest.raises(ActionError, match="needs an owner"):
        change_role(nok, "member", by=by(nok))


def test_a_role_that_nobody_knows_is_refused(nok, ben):
    with pytest.raises(ActionError):
        change_role(ben, "queen", by=by(nok))


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_step_down_at_once_one_stays(nok, ben):
    change_role(ben, "owner", by=by(nok))

    def step_down(member):
        try:
            return change_role(member, "member", by=by(member)).role
        except ActionError:
            return "owner"

    assert sorted(at_once(partial(step_down, nok), partial(step_down, ben))) == ["member", "owner"]
    assert Membership.objects.filter(home=nok.home, role="owner").count() == 1


def test_a_new_name_is_told_to_every_home_of_theirs(nok, mai, events):
    Membership.objects.create(home=mai.home, user=nok.user, number=2)
    rename_user(nok.user, name="Nok S.")
    for home in (nok.home, mai.home):
        (event,) = events.of(home)
        assert (event.type, event.data["member"]["name"]) == ("member_updated", "Nok S.")
