"""Which variables are set, and that a person gets back just what was in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.shell.variables import MARK, NAMES, OWN, files, of, own, plain

ADDRESS, EXTRA, BUNDLE = "http://127.0.0.1:8377", "/d/ca/extra.pem", "/d/ca/bundle.pem"


def test_what_is_set_for_somebody_who_has_nothing_set() -> None:
    assert of(ADDRESS, EXTRA, BUNDLE, {"PATH": "/bin"}) == {
        "HTTPS_PROXY": ADDRESS,
        "https_proxy": ADDRESS,
        "HTTP_PROXY": ADDRESS,
        "http_proxy": ADDRESS,
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "no_proxy": "localhost,127.0.0.1,::1",
        "NODE_USE_ENV_PROXY": "1",
        "NODE_EXTRA_CA_CERTS": EXTRA,
        "CODEX_CA_CERTIFICATE": EXTRA,
        "DENO_CERT": EXTRA,
        "SSL_CERT_FILE": BUNDLE,
        "REQUESTS_CA_BUNDLE": BUNDLE,
        "CURL_CA_BUNDLE": BUNDLE,
        "PIP_CERT": BUNDLE,
        "GIT_SSL_CAINFO": BUNDLE,
        "AWS_CA_BUNDLE": BUNDLE,
        "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": BUNDLE,
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": BUNDLE,
        "_TALLY_PROXY": ADDRESS,
    }


@pytest.mark.parametrize(
    "theirs, upper, lower",
    [
        ({"NO_PROXY": "corp"}, "corp,localhost,127.0.0.1,::1", "corp,localhost,127.0.0.1,::1"),
        ({"no_proxy": "corp"}, "corp,localhost,127.0.0.1,::1", "corp,localhost,127.0.0.1,::1"),
        (
            {"NO_PROXY": "big", "no_proxy": "small"},
            "big,localhost,127.0.0.1,::1",
            "small,localhost,127.0.0.1,::1",
        ),
        ({"NO_PROXY": "::1,localhost,127.0.0.1"}, "::1,localhost,127.0.0.1", "::1,localhost,127.0.0.1"),
        ({"NO_PROXY": "mylocalhost"}, "mylocalhost,localhost,127.0.0.1,::1", "mylocalhost,localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "", "no_proxy": "small"}, "localhost,127.0.0.1,::1", "small,localhost,127.0.0.1,::1"),
    ],
)
def test_the_persons_exceptions_stay(theirs: dict[str, str], upper: str, lower: str) -> None:
    found = of(ADDRESS, EXTRA, BUNDLE, theirs)
    assert (found["NO_PROXY"], found["no_proxy"]) == (upper, lower)


def test_some_are_set_only_where_somebody_needs_them() -> None:
    found = of(ADDRESS, EXTRA, BUNDLE, {"NIX_SSL_CERT_FILE": "/nix/ca", "HTTPLIB2_CA_CERTS": "", "ALL_PROXY": "x"})
    assert (found["NIX_SSL_CERT_FILE"], found["_TALLY_OWN_NIX_SSL_CERT_FILE"]) == (BUNDLE, "/nix/ca")
    # HTTPS_PROXY counts before it, and some know only the one or the other.
    assert not {"HTTPLIB2_CA_CERTS", "ALL_PROXY"} & set(found)


def test_without_certificates_their_variables_are_left_alone() -> None:
    found = plain(of(ADDRESS, "", "", {"SSL_CERT_FILE": "/corp"}))
    assert set(found) == {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "NODE_USE_ENV_PROXY"}  # fmt: skip


def test_a_run_of_a_tool_keeps_its_name_in_the_address() -> None:
    address = "http://t0123:x@127.0.0.1:8377"
    assert of(address, EXTRA, BUNDLE, {})["https_proxy"] == address


ENVIRONMENTS = st.dictionaries(
    st.sampled_from([*NAMES, "PATH", "SSL_CERT_DIR"]), st.sampled_from(["", "a", "b,c", "1"])
)


@given(ENVIRONMENTS)
def test_a_person_gets_back_just_what_was_there(environ: dict[str, str]) -> None:
    inside = {**environ, **of(ADDRESS, EXTRA, BUNDLE, environ)}
    assert own(inside, EXTRA, BUNDLE) == environ
    # Once more within, as when a tool starts a shell that starts a tool.
    again = {**inside, **of("http://127.0.0.1:9999", EXTRA, BUNDLE, inside)}
    assert own(again, EXTRA, BUNDLE) == environ


def test_what_was_changed_since_stays() -> None:
    environ = {"HTTPS_PROXY": "http://corp:3128", "SSL_CERT_FILE": "/corp"}
    inside = {**environ, **of(ADDRESS, EXTRA, BUNDLE, environ)}
    inside["HTTPS_PROXY"] = "http://other:1"
    del inside["SSL_CERT_FILE"]
    assert own(inside, EXTRA, BUNDLE) == {"HTTPS_PROXY": "http://other:1"}


def test_an_environment_without_ours_is_as_it_is() -> None:
    environ = {"HTTPS_PROXY": ADDRESS, "SSL_CERT_FILE": BUNDLE, "NODE_USE_ENV_PROXY": "1"}
    assert own(environ, EXTRA, BUNDLE) == environ
    assert own({**environ, f"{OWN}X": "1", MARK: ""}, EXTRA, BUNDLE) == environ


def test_the_persons_own_files_by_kind() -> None:
    adding, replacing = files(
        {
            "NODE_EXTRA_CA_CERTS": "/n",
            "SSL_CERT_FILE": "/s",
            "SSL_CERT_DIR": "/x:/y",
            "PIP_CERT": "",
            "HTTPS_PROXY": "p",
        }
    )
    assert adding == {"NODE_EXTRA_CA_CERTS": "/n"}
    assert replacing == {"SSL_CERT_FILE": "/s", "SSL_CERT_DIR": "/x:/y"}
