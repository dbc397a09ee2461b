import stat
from concurrent.futures import ThreadPoolExecutor

from pantry.secret import secret_key


def test_the_key_is_made_at_the_first_start_and_kept(tmp_path):
    key = secret_key(tmp_path / "data")
    assert len(key) >= 50
    assert secret_key(tmp_path / "data") == key


def test_no_two_households_have_the_same(tmp_path):
    assert secret_key(tmp_path / "one") != secret_key(tmp_path / "other")


def test_nobody_else_on_the_machine_can_read_it(tmp_path):
    secret_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_nothing_else_is_left_lying_about(tmp_path):
    secret_key(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_starts_at_the_same_time_agree_on_one(tmp_path):
    with ThreadPoolExecutor(8) as starts:
        assert len(set(starts.map(secret_key, [tmp_path] * 32))) == 1
