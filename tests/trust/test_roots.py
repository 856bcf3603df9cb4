"""What a system trusts is found, and is something that programs can read."""

import ssl
from pathlib import Path

import pytest

from tallystick.trust.roots import FILES, known


def test_this_system_trusts_something() -> None:
    found = known()
    assert found.files
    assert all(Path(path).exists() for path in found.files)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(found.files[0])
    assert context.cert_store_stats()["x509_ca"] > 50


def test_the_first_file_that_is_there_counts(tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("none", "first", "second")]
    for path in files[1:]:
        Path(path).write_text("")
    assert known(files).files[0] == files[1]
    assert files[2] not in known(files).files


def test_windows_own_store_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"ROOT": [(b"1", "x509_asn", True), (b"2", "pkcs_7_asn", True)], "CA": [(b"3", "x509_asn", True)]}
    monkeypatch.setattr(ssl, "enum_certificates", held.__getitem__, raising=False)
    assert known().stored == (b"1", b"3")


def test_only_whole_paths_are_looked_at() -> None:
    assert all(path.startswith("/") for path in FILES)
