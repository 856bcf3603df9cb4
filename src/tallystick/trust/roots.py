"""Where this system keeps the certificates that programs trust by default."""

import os
import ssl
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

FILES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch, Alpine
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora
    "/etc/pki/tls/certs/ca-bundle.crt",  # older Fedora
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine, the BSDs
    "/opt/homebrew/etc/ca-certificates/cert.pem",
    "/usr/local/etc/ca-certificates/cert.pem",
)


class Roots(NamedTuple):
    """What is trusted by default."""

    files: tuple[str, ...] = ()
    """Files with certificates as PEM, or folders of such files."""
    stored: tuple[bytes, ...] = ()
    """Certificates as DER that the system hands out itself."""


def known(files: Iterable[str] = FILES) -> Roots:
    """Return what this system trusts: the first of its files that is there, OpenSSL's own, certifi's, and Windows' store."""
    paths = ssl.get_default_verify_paths()
    there = [next((path for path in files if os.path.isfile(path)), ""), paths.openssl_cafile, _certifi()]
    found = tuple(dict.fromkeys(os.path.realpath(path) for path in there if path and os.path.isfile(path)))
    if not found and os.path.isdir(paths.openssl_capath):
        found = (os.path.realpath(paths.openssl_capath),)
    return Roots(found, _of_windows())


def _certifi() -> str:
    """Return certifi's file, which Python's requests trusts; empty where it is not installed."""
    try:
        from certifi import where
    except ImportError:
        return ""
    return where()


def _of_windows() -> tuple[bytes, ...]:
    enumerated: Callable[[str], Iterable[tuple[bytes, str, object]]] | None = getattr(ssl, "enum_certificates", None)
    if enumerated is None:
        return ()
    return tuple(data for store in ("ROOT", "CA") for data, coding, _ in enumerated(store) if coding == "x509_asn")
