"""Certificates: making one for an authority, and reading what is in one. The only file that knows how they are encoded."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BEFORE: Final = timedelta(days=2)
"""How far back it begins, for clocks that are slow; the certificates of mitmproxy begin as far back."""
LIFE: Final = timedelta(days=365)
_LOOPBACK: Final = ("127.0.0.1/32", "::1/128")


class Certificate(NamedTuple):
    """What is in a certificate."""

    pem: bytes
    name: str
    """Its common name, which no other one has."""
    fingerprint: str
    """SHA-256, as OpenSSL prints it."""
    sha1: str
    """By which Windows and macOS name it."""
    hosts: tuple[str, ...]
    """The names for which it may sign, each with all below it."""
    begins: int
    """Milliseconds since 1970, UTC."""
    ends: int
    """Milliseconds since 1970, UTC."""


def make(hosts: Sequence[str], now: int) -> tuple[bytes, bytes]:
    """Return key and certificate, both as PEM, of a new authority that can sign for some hosts and whatever is below them.

    `now` is in milliseconds since 1970, UTC.
    """
    # P-256: mitmproxy 12.2.3 signs with it, and OpenSSL, BoringSSL, rustls, Go and Windows verify it; a hundred times faster
    # to make than RSA.
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    # A name of its own: where two of one name are trusted, some programs try only one of them.
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"Tallystick {serial:040x}"[:19]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tallystick, of this machine alone"),
        ]
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    begins = datetime.fromtimestamp(now // 1000, UTC) - BEFORE
    builder = x509.CertificateBuilder(name, name, key.public_key(), serial, begins, begins + LIFE)
    # Python 3.13 takes no authority without these identifiers.
    builder = builder.add_extension(identifier, critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_signing(), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(_limits(hosts), critical=True)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _signing() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _limits(hosts: Sequence[str]) -> x509.NameConstraints:
    """Return the limits. Addresses must be spoken of too: a kind of name that is not mentioned is not limited.

    Loopback is let in, because mitmproxy writes the address that it connects to beside the host.
    """
    addresses = [x509.IPAddress(ip_network(each)) for each in _LOOPBACK]
    return x509.NameConstraints([*(x509.DNSName(host) for host in hosts), *addresses], None)


def read(pem: bytes) -> Certificate:
    """Return what is in the first certificate of a text; raise ValueError when there is none."""
    found = x509.load_pem_x509_certificate(pem)
    names = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    try:
        permitted = found.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    except x509.ExtensionNotFound:
        permitted = []
    return Certificate(
        pem=found.public_bytes(Encoding.PEM),
        name=str(names[0].value) if names else "",
        fingerprint=found.fingerprint(hashes.SHA256()).hex(":").upper(),
        sha1=found.fingerprint(hashes.SHA1()).hex().upper(),  # noqa: S303  a name, not a proof
        hosts=tuple(each.value for each in permitted if isinstance(each, x509.DNSName)),
        begins=int(found.not_valid_before_utc.timestamp() * 1000),
        ends=int(found.not_valid_after_utc.timestamp() * 1000),
    )


def belongs(content: bytes) -> bool:
    """Tell whether a text holds a key and, as its first certificate, the one of that key."""
    try:
        key = load_pem_private_key(content, None)
        certificate = x509.load_pem_x509_certificate(content)
    except (ValueError, TypeError):
        return False
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(*form) == certificate.public_key().public_bytes(*form)


def each(pem: bytes) -> tuple[Certificate, ...]:
    """Return what is in all certificates of a text; raise ValueError when one cannot be read."""
    return tuple(read(found.public_bytes(Encoding.PEM)) for found in x509.load_pem_x509_certificates(pem))
