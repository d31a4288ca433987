"""Sign NE_0412.jpg with C2PA credentials of a test authority that is made for this and thrown away.

The keys live only while this runs. What stays is the signed picture and the authority's certificate
in truth/c2pa-test-ca.pem. The manifest says what is true: that the picture was made digitally.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CASE = Path(__file__).resolve().parent.parent
PICTURE = CASE / "incoming/pictures/NE_0412.jpg"
AUTHORITY = CASE / "truth/c2pa-test-ca.pem"
FROM, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Witnessmark exercise case (fictional)"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, by: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    is_authority = key is by
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
         "decipher_only"), False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_authority, key_cert_sign=is_authority, crl_sign=is_authority, **usage
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not is_authority:
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purposes, critical=False)
    return builder.sign(by, hashes.SHA256())


def sign() -> None:
    """Replace the picture by a signed one and store the authority's certificate."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("Exercise Test Authority", root_key, "Exercise Test Authority", root_key)
    leaf = _certificate("Halden M5 of the exercise", key, "Exercise Test Authority", root_key)
    pem = serialization.Encoding.PEM
    chain = (leaf.public_bytes(pem) + root.public_bytes(pem)).decode()

    def raw_signature(content: bytes) -> bytes:
        r, s = utils.decode_dss_signature(key.sign(content, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    manifest = {
        "claim_generator_info": [{"name": "Halden M5 (fictional)", "version": "2.4"}],
        "title": PICTURE.name,
        "format": "image/jpeg",
        "assertions": [
            {
                "label": "c2pa.actions",
                "data": {
                    "actions": [
                        {
                            "action": "c2pa.created",
                            "when": "2024-11-22T07:05:37Z",
                            "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation",
                        }
                    ]
                },
            }
        ],
    }
    settings = c2pa.Settings.from_dict(
        {"builder": {"thumbnail": {"enabled": False}}, "verify": {"verify_trust": False}}
    )
    context = c2pa.Context(settings)
    spool = io.BytesIO()
    with (
        c2pa.Builder(json.dumps(manifest), context) as builder,
        c2pa.Signer.from_callback(raw_signature, c2pa.C2paSigningAlg.ES256, chain, None) as signer,
    ):
        builder.sign(signer, "image/jpeg", io.BytesIO(PICTURE.read_bytes()), spool)
    PICTURE.write_bytes(spool.getvalue())
    AUTHORITY.write_bytes(root.public_bytes(pem))


if __name__ == "__main__":
    sign()
