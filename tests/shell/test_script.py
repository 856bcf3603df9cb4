"""What is filled into a script stands there as it was meant."""

from tallystick.shell.script import filled
from tallystick.shell.shell import Places
from tallystick.shell.variables import NAMES


def test_each_word_is_filled_in_once() -> None:
    places = Places("/p @BUNDLE@", "/e", "/b@LOCAL@", "/n")
    found = filled("@PROXY@ @BUNDLE@ @EXTRA@ @NAMED@ a@127.0.0.1", places, repr, " ".join, "|".join)
    assert found == "'/p @BUNDLE@' '/b@LOCAL@' '/e' '/n' a@127.0.0.1"


def test_lists_and_alternatives_are_written_as_the_shell_wants_them() -> None:
    places = Places("", "", "", "")
    assert filled("@LOCAL@ @ADDING@", places, repr, ",".join, "|".join) == (
        "localhost,127.0.0.1,::1 NODE_EXTRA_CA_CERTS|CODEX_CA_CERTIFICATE|DENO_CERT"
    )
    assert filled("@NAMES@", places, repr, " ".join, "|".join).split() == list(NAMES)
