"""A push service and subscribed browsers that implement RFC 8030, 8291 and 8292."""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from time import time
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAX_BODY_BYTES = 4096  # the size that every push service must accept


def encode_base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@dataclass
class Browser:
    """A push subscription with its private key."""

    service: "PushService"
    server_key: str
    path: str = field(default_factory=lambda: f"/push/{uuid4().hex}")
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))
    received: list[dict[str, Any]] = field(default_factory=list)
    request_headers: list[dict[str, str]] = field(default_factory=list)
    """The headers of the requests that were received."""
    arrived: Condition = field(default_factory=Condition)

    @property
    def endpoint(self) -> str:
        return f"http://{self.service.host}{self.path}"

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": encode_base64(point(self.private.public_key())), "auth": encode_base64(self.secret)}

    @property
    def titles(self) -> list[str]:
        return [notice["title"] for notice in self.received]

    def receive(self, notice: dict[str, Any], headers: dict[str, str]) -> None:
        with self.arrived:
            self.request_headers.append(headers)
            self.received.append(notice)
            self.arrived.notify_all()

    def wait_for(self, count: int, timeout: float = 60) -> dict[str, Any]:
        """Return the notice of that number. `timeout` is in seconds."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, timeout), f"only {self.titles} arrived"
            return self.received[count - 1]

    def decrypt(self, body: bytes) -> bytes:
        """Decrypt a body as RFC 8291 describes: salt, record size, the server's ephemeral key, one record."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender_key, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        shared_secret = self.private.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender_key)
        )
        info = b"WebPush: info\0" + point(self.private.public_key()) + sender_key
        key = HKDF(hashes.SHA256(), 32, self.secret, info).derive(shared_secret)
        content = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(key)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(key)
        plain = AESGCM(content).decrypt(nonce, record, None)
        text, _delimiter, padding = plain.rpartition(b"\x02")
        assert not padding.strip(b"\0")
        return text


class PushService:
    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.responses: list[tuple[int, dict[str, str]]] = []
        """Responses to the next requests, instead of the regular ones."""
        self.errors: list[str] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers = service.answer(self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.http.server_port}"

    def browser(self, server_key: str) -> Browser:
        browser = Browser(self, server_key)
        self.browsers[browser.path] = browser
        return browser

    def respond_with(self, status: int, **headers: str) -> None:
        self.responses.append((status, {name.replace("_", "-"): value for name, value in headers.items()}))

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        if self.responses:
            return self.responses.pop(0)
        browser = self.browsers.get(path)
        if browser is None:
            return 404, {}
        try:
            if len(body) > MAX_BODY_BYTES:
                return 413, {}
            if not self.is_signed(headers["Authorization"], browser.server_key):
                return 403, {}
            assert headers["Content-Encoding"] == "aes128gcm"
            assert headers["Host"] == self.host
            assert int(headers["TTL"]) >= 0
            assert headers["Urgency"] in ("very-low", "low", "normal", "high")
            assert len(headers["Topic"]) <= 32 and decode_base64(headers["Topic"])
            browser.receive(json.loads(browser.decrypt(body)), headers)
        except Exception as error:
            self.errors.append(repr(error))
            return 400, {}
        return 201, {"Location": f"http://{self.host}/message/{uuid4().hex}"}

    def is_signed(self, authorization: str, server_key: str) -> bool:
        """Check the signature as RFC 8292 describes: the subscription's key, this audience, a day at most."""
        kind, _space, parameters = authorization.partition(" ")
        fields = dict(item.strip().split("=", 1) for item in parameters.split(","))
        if kind != "vapid" or fields["k"] != server_key:
            return False
        signed, _dot, signature = fields["t"].rpartition(".")
        raw = decode_base64(signature)
        pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode_base64(server_key))
        public.verify(pair, signed.encode(), ec.ECDSA(hashes.SHA256()))
        header, claims = (json.loads(decode_base64(part)) for part in signed.split("."))
        assert header["alg"] == "ES256"
        assert claims["aud"] == f"http://{self.host}"
        assert claims["sub"].startswith(("mailto:", "https:"))
        assert time() < claims["exp"] <= time() + 86400
        return True


@contextmanager
def push_service() -> Iterator[PushService]:
    """Run a push service. Fails the test if a request was invalid."""
    service = PushService()
    thread = Thread(target=service.http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.http.shutdown()
        service.http.server_close()
        thread.join()
    assert service.errors == []
