"""An archive is private, leaves keys out, and never stands in the way."""

import os
from pathlib import Path

import pytest

from tallystick.errors import Refused
from tallystick.intake.proxy.archive import Archive
from tallystick.providers.provider import Asked

ASKED = Asked(
    "POST",
    "api.example/..",
    "/v1/x?api_key=AAA&alt=sse&X-Amz-Signature=BBB&sig=HHH&code=III&code_verifier=JJJ",
    {
        "x-goog-api-key": "CCC",
        "authorization": "DDD",
        "cookie": "EEE",
        "x-amz-security-token": "FFF",
        "chatgpt-account-id": "KKK",
        "accept": "*/*",
    },
)


def test_exchanges_are_written_as_they_pass_without_keys(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    record = Archive(str(folder), lambda: 1_795_000_000.5).begin(ASKED)
    record.sent(b"he")
    record.sent(b"llo")
    record.head(200, {"set-cookie": "GGG", "content-type": "text/plain"})
    record.took(b"wo")
    # What has passed is there while the rest is still to come.
    request, answer = sorted(folder.iterdir(), reverse=True)
    assert request.name == "1795000000500-00001-api.example_...request"
    assert request.read_bytes() == (
        b"POST /v1/x?api_key=(left out)&alt=sse&X-Amz-Signature=(left out)"
        b"&sig=(left out)&code=(left out)&code_verifier=(left out)\n"
        b"x-goog-api-key: (left out)\nauthorization: (left out)\ncookie: (left out)\n"
        b"x-amz-security-token: (left out)\nchatgpt-account-id: (left out)\naccept: */*\n\nhello"
    )
    record.took(b"rld")
    record.end()
    assert answer.read_bytes() == b"200\nset-cookie: (left out)\ncontent-type: text/plain\n\nworld"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_each_exchange_has_files_of_its_own(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path), lambda: 1_795_000_000.5)
    for _ in range(3):
        archive.begin(ASKED).end()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    archive = Archive(str(folder), lambda: 1.0)
    folder.rmdir()
    record = archive.begin(ASKED)
    record.sent(b"x")
    record.head(200, {})
    record.took(b"x")
    record.end()
    assert not folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
@pytest.mark.parametrize("mode", [0o701, 0o740, 0o755])
def test_a_folder_that_is_open_to_others_is_refused_and_left_as_it_is(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(Refused, match="chmod 700"):
        Archive(str(folder), lambda: 1.0)
    assert folder.stat().st_mode & 0o777 == mode


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"exists|directory"):
        Archive(str(tmp_path / "file"), lambda: 1.0)


def test_an_ended_record_takes_nothing_more(tmp_path: Path) -> None:
    record = Archive(str(tmp_path), lambda: 1.0).begin(ASKED)
    record.end()
    record.sent(b"late")
    record.took(b"late")
    (file,) = tmp_path.iterdir()
    assert not file.read_bytes().endswith(b"late")
