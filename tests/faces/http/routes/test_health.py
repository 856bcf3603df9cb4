"""How the server says that it fares."""

from pathlib import Path

from tests.faces.http.live import serving


def test_it_tells_of_imports_and_troubles(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        told = live.get("/health").json()
        assert (told["status"], told["version"], told["ledger"]) == ("ok", "9.9.9", live.desk.version)
        assert told["note"] is None
        importing = {"files": 1, "files_all": 4, "bytes": 43, "bytes_all": 100, "events": 9}
        live.desk.heard({"event": "importing", **importing})
        told = live.get("/health").json()
        assert (told["status"], told["importing"], told["files"], told["events"]) == ("importing", 0.43, 1, 9)
        live.desk.heard({"event": "idle"})
        live.desk.heard({"event": "trouble", "text": "A disk is full."})
        told = live.get("/health").json()
        assert (told["status"], told["trouble"], told["importing"]) == ("trouble", "A disk is full.", None)
        live.desk.tell(trouble="", note="Made up.")
        told = live.get("/health").json()
        assert (told["status"], told["note"]) == ("ok", "Made up.")
        live.desk.tell(trouble="", alive=False)
        told = live.get("/health").json()
        assert (told["status"], told["following"]) == ("trouble", False)
