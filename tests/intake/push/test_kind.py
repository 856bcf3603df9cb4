"""Kinds of pushes: how a source of another machine is named, and what a refusal tells."""

from tallystick.intake.push.kind import Sender, Unacceptable, source_of


def test_a_source_has_the_name_of_its_machine_before_it() -> None:
    assert source_of(Sender("laptop", "Ada's laptop"), "/home/dev/a.jsonl") == "push:laptop:/home/dev/a.jsonl"


def test_a_refusal_tells_status_and_sentence() -> None:
    error = Unacceptable(413, "Too large.")
    assert (error.status, error.message, str(error)) == (413, "Too large.", "Too large.")
