"""Malformed request bodies, for every endpoint that accepts JSON."""

BODIES = {
    "cut off": b'{"name": "Par',
    "deep": b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "NUL": b'{"name": "a\\u0000b", "content": "a\\u0000b"}',
    "raw NUL": b'{"name": "a\x00b"}',
    "half a character": b'{"name": "\\ud800"}',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "NaN": b'{"name": NaN}',
    "wrong types": b'{"name": {"a": 1}, "email": [], "home_id": 7, "content": false, "frequency": {}, "seq": "x"}',
    "huge numbers": b'{"name": "x", "quantity": 1' + b"0" * 400 + b', "position": 1e309, "seq": 99999999999999999999}',
    "a number": b"7",
    "null": b"null",
    "a list": b"[1, 2]",
    "a string": b'"name"',
    "empty": b" ",
}
TEN_MEGABYTES = b'{"name": "' + b"x" * 10_000_000 + b'"}'
