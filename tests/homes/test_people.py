"""Who is signed in, and where they are a member."""

import pytest

from homes.accounts.api.tokens import tokens_for
from homes.accounts.backends import member_of, token_user

pytestmark = pytest.mark.both_databases


def test_a_member_is_found_in_each_of_their_homes(nok, mai):
    assert member_of(nok.user, nok.home_id) == nok
    assert member_of(nok.user, mai.home_id) is None


def test_a_membership_brings_its_home_along_in_one_query(nok, django_assert_num_queries):
    with django_assert_num_queries(1):
        member = member_of(nok.user, nok.home_id)
        assert (member.home, member.user) == (nok.home, nok.user)


@pytest.mark.parametrize("is_active", [True, False])
def test_only_active_people_are_signed_in_by_a_token(nok, is_active):
    nok.user.is_active = is_active
    nok.user.save()
    assert (token_user(nok.user_id, "any") == nok.user) is is_active


def test_a_request_costs_one_query_for_the_person_and_one_for_the_membership(nok, client, django_assert_num_queries):
    headers = {"Authorization": f"Bearer {tokens_for(nok.user, nok)['token']}"}
    with django_assert_num_queries(3):
        assert client.get(f"/api/homes/{nok.home_id}/lists", headers=headers).status_code == 200
