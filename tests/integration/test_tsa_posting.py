"""Posting to real servers on loopback: slow ones, false ones, encrypted ones."""

from __future__ import annotations

import http.server
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from witnessmark.errors import UnavailableError
from witnessmark.preserve.posting import HttpPost

pytestmark = pytest.mark.server
POST = HttpPost(timeout_s=5, local_allowed=True)


class Front(http.server.BaseHTTPRequestHandler):
    """Echoes what it got, unless the path asks for trouble."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        match self.path:
            case "/drip":
                self._drip()
            case "/short":
                self._answer(200, b"half", length=8)
            case "/moved":
                self.send_response(307)
                self.send_header("Location", "/echo")
                self.end_headers()
            case "/headers":
                self._answer(200, str(self.headers).encode())
            case _:
                self._answer(200, body)

    def _answer(self, status: int, content: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length or len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b".")
                time.sleep(0.05)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def server(certificate: Path | None = None) -> Iterator[int]:
    front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        front.socket = context.wrap_socket(front.socket, server_side=True)
    thread = threading.Thread(target=front.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield front.server_address[1]
    finally:
        front.shutdown()
        thread.join()
        front.server_close()


def test_what_was_posted_is_what_arrived() -> None:
    with server() as port:
        assert (
            POST(f"http://localhost:{port}/echo?x=1", b"\x00\xff" * 5000, "a/b").untrusted
            == b"\x00\xff" * 5000
        )


def test_nothing_about_us_is_told_and_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    with server() as port:
        headers = POST(f"http://localhost:{port}/headers", b"abc", "a/b").untrusted.decode()
    names = {line.partition(":")[0] for line in headers.splitlines() if line}
    assert names == {"Host", "Accept-Encoding", "Content-Length", "Content-Type", "Connection"}


def test_an_answer_that_drips_is_cut_off_when_the_time_is_over() -> None:
    started = time.monotonic()
    with server() as port, pytest.raises(UnavailableError, match=r"more than 0\.5 s"):
        HttpPost(timeout_s=0.5, local_allowed=True)(f"http://localhost:{port}/drip", b"", "a/b")
    assert time.monotonic() - started < 3


def test_half_an_answer_is_no_answer() -> None:
    with server() as port, pytest.raises(UnavailableError, match="4 bytes of the answer are missing"):
        POST(f"http://localhost:{port}/short", b"", "a/b")


def test_a_redirect_is_not_followed() -> None:
    with server() as port:
        assert POST(f"http://localhost:{port}/moved", b"", "a/b").status == 307


def test_a_name_that_does_not_exist_is_unavailable() -> None:
    with pytest.raises(UnavailableError, match="cannot be resolved"):
        POST("http://nowhere.invalid/", b"", "a/b")


def test_an_encrypted_service_must_prove_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = self_signed(tmp_path, "localhost")
    with server(certificate) as port:
        with pytest.raises(UnavailableError, match="CERTIFICATE_VERIFY_FAILED"):
            POST(f"https://localhost:{port}/", b"abc", "a/b")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert POST(f"https://localhost:{port}/", b"abc", "a/b").untrusted == b"abc"
        with pytest.raises(UnavailableError, match="CERTIFICATE_VERIFY_FAILED"):
            POST(f"https://127.0.0.1:{port}/", b"abc", "a/b")


def self_signed(folder: Path, name: str) -> Path:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = folder / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(certificate.public_bytes(Encoding.PEM) + secret)
    return path
