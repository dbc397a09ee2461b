"""Look up users and memberships."""

import pytest

from homes.accounts.api.jwt import tokens_for
from homes.accounts.backends import member_of, token_user

pytestmark = pytest.mark.both_databases


def test_member_of_returns_the_membership_or_none(nok, mai):
    assert member_of(nok.user, nok.home_id) == nok
    assert member_of(nok.user, mai.home_id) is None


def test_member_of_loads_membership_and_home_in_one_query(nok, django_assert_num_queries):
    with django_assert_num_queries(1):
        member = member_of(nok.user, nok.home_id)
        assert (member.home, member.user) == (nok.home, nok.user)


@pytest.mark.parametrize("is_active", [True, False])
def test_token_user_returns_only_active_users(nok, is_active):
    nok.user.is_active = is_active
    nok.user.save()
    assert (token_user(nok.user_id, "any") == nok.user) is is_active


def test_api_request_authenticates_with_three_queries(nok, client, django_assert_num_queries):
    headers = {"Authorization": f"Bearer {tokens_for(nok.user, nok)['token']}"}
    with django_assert_num_queries(4):  # one of them for the lists
        assert client.get(f"/api/homes/{nok.home_id}/lists", headers=headers).status_code == 200
