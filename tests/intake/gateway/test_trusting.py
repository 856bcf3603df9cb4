"""Whose certificates are trusted: the system's, and those of a file; a file without any is told at once."""

import ssl
from pathlib import Path

import pytest

from tallystick.errors import Misused
from tallystick.intake.gateway.trusting import context


def test_certificates_and_names_are_always_checked() -> None:
    made = context()
    assert made.verify_mode is ssl.CERT_REQUIRED
    assert made.check_hostname
    assert len(made.get_ca_certs()) == len(ssl.create_default_context().get_ca_certs())


@pytest.mark.parametrize("text", [None, "", "nothing"])
def test_a_file_without_certificates_is_told(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "own.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(Misused, match=r"own\.pem holds no certificates"):
        context(str(path))
