"""A real time-stamp authority on loopback: an HTTP front of `openssl ts -reply` with a throw-away CA.

Nothing in it is trusted anywhere. `resign` makes what no honest authority would: tokens with
another time, or by a certificate that may not stamp; again with openssl itself.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

OPENSSL = shutil.which("openssl")
YEAR = timedelta(days=365)
_CONFIG = """[tsa]
default_tsa = it
[it]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.5
digests = sha256
accuracy = secs:1
clock_precision_digits = 0
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""

Answerer = Callable[[bytes], tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, slots=True)
class LocalTsa:
    """An authority that stamps: its root, its own certificate, and the folder where openssl finds both."""

    name: str
    root: Certified
    stamper: Certified
    folder: Path

    @property
    def roots(self) -> tuple[bytes, ...]:
        return (self.root.pem,)

    def reply(self, query: bytes) -> bytes:
        """What `openssl ts -reply` answers to `query`."""
        asked, answered = self.folder / "asked.tsq", self.folder / "answered.tsr"
        asked.write_bytes(query)
        _openssl(
            *("ts", "-reply", "-config", self.folder / "tsa.cnf"), *("-queryfile", asked, "-out", answered)
        )
        return answered.read_bytes()

    def answer(self, query: bytes) -> tuple[int, bytes]:
        """The same, as an HTTP answer."""
        return 200, self.reply(query)

    def resign(self, reply: bytes, by: Certified, alter: Callable[[bytes], bytes] | None = None) -> bytes:
        """`reply` with its content signed anew by `by`, after `alter` has changed it if given."""
        token, content = self.folder / "token.der", self.folder / "content.der"
        (self.folder / "reply.tsr").write_bytes(reply)
        _openssl("ts", "-reply", "-in", self.folder / "reply.tsr", "-token_out", "-out", token)
        _openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", token, "-out", content)
        if alter is not None:
            content.write_bytes(alter(content.read_bytes()))
        (self.folder / "by.pem").write_bytes(by.pem)
        (self.folder / "by.key").write_bytes(by.key_pem)
        _openssl(
            *("cms", "-sign", "-binary", "-nodetach", "-cades", "-md", "sha256", "-outform", "DER"),
            *("-econtent_type", "1.2.840.113549.1.9.16.1.4", "-in", content, "-out", token),
            *("-signer", self.folder / "by.pem", "-inkey", self.folder / "by.key"),
        )
        resigned = self.folder / "resigned.tsr"
        _openssl("ts", "-reply", "-in", token, "-token_in", "-out", resigned)
        return resigned.read_bytes()

    def stamper_valid(self, start: datetime, end: datetime, eku_critical: bool = True) -> Certified:
        """A further certificate of this authority, valid from `start` to `end`."""
        return certify(f"{self.name} stamper", self.root, (start, end), eku_critical)


@contextmanager
def local_tsa(name: str, parent: Path, days: int = 365, root: Certified | None = None) -> Iterator[LocalTsa]:
    """An authority whose certificate is valid for `days` from yesterday."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    root = root or certify(f"{name} root", None, (yesterday - 20 * YEAR, yesterday + 20 * YEAR))
    stamper = certify(f"{name} stamper", root, (yesterday, yesterday + timedelta(days=days)))
    with TemporaryDirectory(prefix=f"{name}-", dir=parent) as place:
        folder = Path(place)
        (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        (folder / "tsa.pem").write_bytes(stamper.pem)
        (folder / "tsa.key").write_bytes(stamper.key_pem)
        yield LocalTsa(name, root, stamper, folder)


def first_briefly(tsa: LocalTsa) -> Answerer:
    """Answers of which the first will be expired in a month, so that renewing it gains something."""
    now = datetime.now(UTC)
    brief = tsa.stamper_valid(now - timedelta(days=1), now + timedelta(days=30))
    stampers = iter((brief,))

    def answer(query: bytes) -> tuple[int, bytes]:
        stamper = next(stampers, None)
        reply = tsa.reply(query)
        return 200, reply if stamper is None else tsa.resign(reply, stamper)

    return answer


@contextmanager
def serving(answer: Answerer) -> Iterator[str]:
    """The address of an HTTP server on loopback that answers each POST with what `answer` gives."""
    lock = threading.Lock()

    class Front(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                status, content = answer(query)
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            if status in {301, 302, 307}:
                self.send_header("Location", content.decode())
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def certify(
    name: str, issuer: Certified | None, valid: tuple[datetime, datetime], eku_critical: bool = True
) -> Certified:
    """A root if there is no `issuer`, else a certificate that may stamp times."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=eku_critical
        )
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(authority, critical=False)
    return Certified(builder.sign(issuer.key if issuer else key, SHA256()), key)


def stating(at: datetime) -> Callable[[bytes], bytes]:
    """What makes the content of a token state the time `at`."""

    def alter(content: bytes) -> bytes:
        start = content.index(b"\x18\x0f") + 2  # the tag of a time, and its length of 15
        return content[:start] + at.strftime("%Y%m%d%H%M%SZ").encode() + content[start + 15 :]

    return alter


def _openssl(*arguments: str | Path) -> None:
    ran = subprocess.run([str(OPENSSL), *map(str, arguments)], capture_output=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"openssl {arguments[0]}: {ran.stderr.decode()}")
