"""`tally server`: invitations, tokens and the audit, as the command line shows them."""

import json
import re
from typing import Any

import pytest
from tests.cli.stage import Stage

from tallystick.access import keys
from tallystick.access.invites import Joined, join
from tallystick.access.store import Store, path
from tallystick.cli import entrance


def store(stage: Stage) -> Store:
    """Return the store that the commands use."""
    return Store(path(str(stage.home / "data")))


def told(stage: Stage, *arguments: str) -> Any:  # noqa: ANN401  whatever JSON holds
    """Return what a command tells in JSON."""
    said = stage.tally("server", *arguments, "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def test_an_invitation_is_one_command_that_counts(stage: Stage) -> None:
    said = stage.tally("server", "invite", "--user", "anna", "--url", "https://tally.example.org/")
    found = re.fullmatch(r"tally join https://tally\.example\.org (\S+)\n", said.out)
    assert found
    assert said.code == 0
    assert re.search(r"It counts once, until \d{4}-\d\d-\d\d \d\d:\d\d\.", said.err)
    assert found[1] not in said.err
    kept = store(stage)
    joined = join(kept, found[1], "laptop", entrance.now())
    assert isinstance(joined, Joined)
    assert (joined.machine, joined.user) == ("laptop", "anna")
    kept.close()


@pytest.mark.parametrize(
    "config, url, note",
    [
        ("", "http://127.0.0.1:3847", "Only this machine reaches that address"),
        ('[server]\nhost = "192.0.2.7"\nport = 80\n', "http://192.0.2.7:80", "say `--insecure` there"),
        ('[server]\nhost = "0.0.0.0"\nhosts = ["box.lan"]\n', "http://box.lan:3847", "can be read on the way"),
        ('[server]\nhosts = ["tally.example.org"]\n', "https://tally.example.org", ""),
    ],
)
def test_the_address_is_the_one_that_others_use(stage: Stage, config: str, url: str, note: str) -> None:
    stage.say(config)
    said = stage.tally("server", "invite")
    assert said.out.split()[2] == url
    assert note in said.err
    assert said.err.count("\n") == (2 if note else 1)


def test_an_invitation_expires_when_it_was_said_to(stage: Stage) -> None:
    before = entrance.now()
    code = told(stage, "invite", "--expires", "30m", "--machine", "server-room")["code"]
    kept = store(stage)
    assert join(kept, code, "", before + 30 * 60_000 + 60_000) == "expired"
    joined = join(kept, code, "", before + 29 * 60_000)
    assert isinstance(joined, Joined)
    assert joined.machine == "server-room"
    kept.close()


def test_tokens_are_made_listed_rotated_and_revoked(stage: Stage) -> None:
    made = stage.tally(
        "server", "tokens", "create", "--scope", "read", "--user", "ben", "--name", "grafana", "--expires", "90d"
    )
    assert re.fullmatch(r"tally_r_\w{38}\n", made.out)
    assert "This is token 1. It is shown only now" in made.err
    text = made.out.strip()
    kept = store(stage)
    assert keys.admit(kept, text, entrance.now())
    sender = told(stage, "tokens", "create", "--scope", "ingest", "--machine", "laptop")
    assert (sender["schema"], sender["id"]) == ("tallystick.token/1", 2)
    listed = told(stage, "tokens", "list")
    assert listed["schema"] == "tallystick.tokens/1"
    assert [
        (each["id"], each["scope"], each["name"], each["machine"], each["user"], each["state"])
        for each in listed["tokens"]
    ] == [
        (1, "read", "grafana", "", "ben", "valid"),
        (2, "ingest", "laptop", "laptop", "", "valid"),
    ]
    assert listed["tokens"][0]["used"].endswith("Z")
    assert listed["tokens"][1]["used"] is None
    table = stage.tally("server", "tokens", "list").out
    assert text[12:] not in table + json.dumps(listed)
    assert text[:12] in table
    kept.close()


def test_tokens_are_rotated_and_revoked_and_that_is_noted(stage: Stage) -> None:
    text = stage.tally("server", "tokens", "create", "--scope", "read").out.strip()
    told(stage, "tokens", "create", "--scope", "ingest", "--machine", "laptop")
    kept = store(stage)
    turned = stage.tally("server", "tokens", "rotate", "1").out.strip()
    assert keys.admit(kept, text, entrance.now()) is None
    assert keys.admit(kept, turned, entrance.now())
    assert stage.tally("server", "tokens", "revoke", "1").err == "tally: Token 1 counts no more.\n"
    assert keys.admit(kept, turned, entrance.now()) is None
    assert [each["state"] for each in told(stage, "tokens", "list")["tokens"]] == ["revoked", "valid"]
    changes = told(stage, "audit")
    assert changes["schema"] == "tallystick.audit/1"
    assert [(each["who"], each["action"], each["subject"]) for each in changes["changes"]] == [
        ("cli", "create token", "1 read"),
        ("cli", "create token", "2 ingest for laptop"),
        ("cli", "rotate token", "1"),
        ("cli", "revoke token", "1"),
    ]
    assert "rotate token" in stage.tally("server", "audit").out
    kept.close()


def test_who_rotates_the_token_of_a_machine_is_told_what_to_do_there(stage: Stage) -> None:
    stage.tally("server", "tokens", "create", "--scope", "ingest", "--machine", "Ann laptop")
    stage.tally("server", "tokens", "create", "--scope", "read")
    said = stage.tally("server", "tokens", "rotate", "1")
    assert said.out.startswith("tally_i_")
    assert "`tally server invite --machine 'Ann laptop'` prints the `tally join …`" in said.err
    assert "invite" not in stage.tally("server", "tokens", "rotate", "2").err


def test_where_nothing_was_made_there_is_nothing_to_show(stage: Stage) -> None:
    said = stage.tally("server", "tokens", "list")
    assert (said.code, said.out) == (0, "")
    assert "There is no token yet" in said.err
    assert told(stage, "tokens", "list")["tokens"] == []
    assert "Nothing was changed yet" in stage.tally("server", "audit").err
    assert not (stage.home / "data").exists()


@pytest.mark.parametrize(
    "arguments, code, sentence",
    [
        (("tokens", "create", "--scope", "ingest"), 2, "The machine needs a name"),
        (("tokens", "create", "--scope", "all"), 2, "'all' is not one of"),
        (("tokens", "create"), 2, "--scope"),
        (("tokens", "create", "--scope", "read", "--expires", "soon"), 2, "--expires 'soon' is no stretch of time"),
        (("tokens", "create", "--scope", "read", "--expires", "0h"), 2, "too short or too long"),
        (("tokens", "create", "--scope", "read", "--expires", "9999999999w"), 2, "too short or too long"),
        (("tokens", "create", "--scope", "read", "--user", "<b>"), 2, "This name of a user cannot be used"),
        (("invite", "--expires", "-1h"), 2, "is no stretch of time"),
        (("invite", "--url", "ftp://x"), 2, "--url names the server 'ftp://x'"),
        (("invite", "--machine", "a:b"), 2, "This name of a machine cannot be used"),
        (("tokens", "revoke", "7"), 1, "There is no token 7 that could be revoked"),
        (("tokens", "rotate", "7"), 1, "There is no token 7 that could be rotated"),
        (("tokens", "revoke", "x"), 2, "'x' is not a valid integer"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    stage: Stage, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    said = stage.tally("server", *arguments)
    assert (said.code, said.out) == (code, "")
    assert sentence in said.err


def test_a_store_that_cannot_be_used_is_told_of(stage: Stage) -> None:
    (stage.home / "data").mkdir()
    (stage.home / "data" / "access.db").write_text("x" * 5_000)
    for arguments in (("tokens", "list"), ("invite",), ("audit",)):
        said = stage.tally("server", *arguments)
        assert said.code == 3, arguments
        assert "access.db cannot be used" in said.err
