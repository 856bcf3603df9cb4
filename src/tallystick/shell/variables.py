"""Which variables lead programs through the proxy and have them trust it, and what a person had in them before."""

from collections.abc import Mapping
from typing import Final

PROXY_PORT: Final = 8377
"""Where the proxy listens on loopback, unless told otherwise."""
# Both cases: curl reads http_proxy only so, Go and Java read either, .NET and many more upper case only.
PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
EXCEPTIONS: Final = ("NO_PROXY", "no_proxy")
LOCAL: Final = ("localhost", "127.0.0.1", "::1")
"""What never goes through a proxy."""
SWITCHES: Final = ("NODE_USE_ENV_PROXY",)
"""Set to 1: Node's own fetch looks at no proxy variable without it (Node 22.21 and 24.5 on)."""
ADDING: Final = ("NODE_EXTRA_CA_CERTS", "CODEX_CA_CERTIFICATE", "DENO_CERT")
"""They name certificates that are trusted besides all others."""
REPLACING: Final = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "PIP_CERT",
    "GIT_SSL_CAINFO",
    "AWS_CA_BUNDLE",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
)
"""They name the only certificates that are trusted."""
WHERE_SET: Final = ("NIX_SSL_CERT_FILE", "HTTPLIB2_CA_CERTS")
"""As well, but they count before SSL_CERT_FILE, and are set only by who needs them: replaced where they are there."""
FOLDERS: Final = ("SSL_CERT_DIR",)
"""They name folders with certificates. They stay as they are; some programs look there only without SSL_CERT_FILE."""
NAMES: Final = (*PROXIES, *EXCEPTIONS, *SWITCHES, *ADDING, *REPLACING, *WHERE_SET)
"""Every variable that is set."""

MARK: Final = "_TALLY_PROXY"
"""Holds the proxy's address as long as these variables are set, so that whoever finds them knows whose they are."""
OWN: Final = "_TALLY_OWN_"
"""Before a variable's name: what the person had in it."""


def of(address: str, bare_ca: str, bundle: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what is to be set for a program that goes through the proxy at an address such as `http://127.0.0.1:8377`.

    `bare_ca` is the file for variables that add to what is trusted, `bundle` the one for those that replace it; where one is
    empty, its variables are left alone. What the person had is noted besides, for `own`.
    """
    theirs = own(environ, bare_ca, bundle)
    given = {name: value for name in NAMES if (value := _given(name, address, (bare_ca, bundle), theirs)) is not None}
    return given | {MARK: address} | {f"{OWN}{name}": theirs[name] for name in given if name in theirs}


def plain(given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that are meant for programs, without our notes."""
    return {name: value for name, value in given.items() if name != MARK and not name.startswith(OWN)}


def own(environ: Mapping[str, str], bare_ca: str, bundle: str) -> dict[str, str]:
    """Return an environment as the person had it before variables of ours were set in it; what was changed since stays."""
    found = plain(environ)
    if not environ.get(MARK):
        return found
    before = {name: environ[f"{OWN}{name}"] for name in NAMES if f"{OWN}{name}" in environ}
    for name in NAMES:
        if name in found and found[name] == _given(name, environ[MARK], (bare_ca, bundle), before):
            del found[name]
            if name in before:
                found[name] = before[name]
    return found


def files(environ: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the person's own files with certificates, by the variables that name them: those that add, those that replace."""
    adding = {name: environ[name] for name in ADDING if environ.get(name)}
    return adding, {name: environ[name] for name in (*REPLACING, *WHERE_SET, *FOLDERS) if environ.get(name)}


def _given(name: str, address: str, certificates: tuple[str, str], theirs: Mapping[str, str]) -> str | None:
    """Return the value of a variable; None where it is left alone."""
    bare_ca, bundle = certificates
    if name in PROXIES:
        return address
    if name in EXCEPTIONS:
        upper, lower = EXCEPTIONS
        other = theirs.get(lower if name == upper else upper, "")
        return _excepted(theirs.get(name, other))
    if name in SWITCHES:
        return "1"
    if name in ADDING:
        return bare_ca or None
    if name in WHERE_SET and not theirs.get(name):
        return None
    return bundle or None


def _excepted(theirs: str) -> str:
    for host in LOCAL:
        if f",{host}," not in f",{theirs},":
            theirs = f"{theirs},{host}" if theirs else host
    return theirs
