import stat
from concurrent.futures import ThreadPoolExecutor

from pantry.secret import secret_key


def test_key_is_generated_once_and_stored(tmp_path):
    key = secret_key(tmp_path / "data")
    assert len(key) >= 50
    assert secret_key(tmp_path / "data") == key


def test_keys_of_two_folders_differ(tmp_path):
    assert secret_key(tmp_path / "one") != secret_key(tmp_path / "other")


def test_key_file_is_readable_by_its_owner_only(tmp_path):
    secret_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_no_temporary_files_are_left(tmp_path):
    secret_key(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_concurrent_starts_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(8) as starts:
        assert len(set(starts.map(secret_key, [tmp_path] * 32))) == 1
