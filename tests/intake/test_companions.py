"""What lies beside a source: which small files come to its reader, and as what."""

from pathlib import Path

from tallystick.intake.companions import companions


def write(path: Path, content: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


def test_json_comes_decoded_and_anything_else_as_text(tmp_path: Path) -> None:
    note = write(tmp_path / "a.meta.json", b'{"kind": "Explore"}')
    root = write(tmp_path / ".project_root", b"/home/dev/shop\n")
    assert companions([note, root, str(tmp_path / "missing")]) == {note: {"kind": "Explore"}, root: "/home/dev/shop"}


def test_a_star_stands_for_any_part_of_a_name(tmp_path: Path) -> None:
    first = write(tmp_path / "part [x]?" / "prt_1.json", b"1")
    second = write(tmp_path / "part [x]?" / "prt_2.json", b"2")
    write(tmp_path / "part [x]?" / "other.json", b"3")
    write(tmp_path / "part x" / "prt_3.json", b"4")
    assert companions([str(tmp_path / "part [x]?" / "prt_*.json")]) == {first: 1, second: 2}


def test_what_is_too_long_damaged_or_a_folder_does_no_harm(tmp_path: Path) -> None:
    long = write(tmp_path / "long.json", b'"' + b"x" * 65_535 + b'"')
    deep = write(tmp_path / "deep.json", b"[" * 60_000)
    odd = write(tmp_path / "odd.json", b"\xff{")
    found = companions([long, deep, odd, str(tmp_path)])
    assert sorted(found) == sorted([deep, odd])
    assert found[odd] == "\ufffd{"
