"""Version 2 and its tables: alone, and beside those of version 1 that it took over."""

from collections.abc import Callable

from tests.tools.opencode.stored import MINUTE, NOON, SECOND, SECOND_VERSION, Base, answered, counts, id_of, step

from tallystick.usage.event import FINISHED


def second(at: int, tokens: object, took: int = 5 * SECOND, **more: object) -> dict[str, object]:
    """Return an answer as version 2 stores it."""
    model = {"id": "claude-opus-5", "providerID": "anthropic", "variant": "default"}
    times = {"created": at, "streamed": at + took - SECOND, "completed": at + took}
    return {"agent": "build", "model": model, "content": [], "cost": 0.25, "tokens": tokens, "time": times, **more}


def test_version_2_has_a_message_for_each_step(base: Base) -> None:
    base.session(table="session_v2", version="2.0.3")
    tool = {"type": "tool", "id": "call_1", "name": "bash", "state": {"status": "completed", "metadata": {"exit": 2}},
            "time": {"created": NOON + SECOND, "ran": NOON + 2 * SECOND, "completed": NOON + 4 * SECOND}}  # fmt: skip
    base.second("user", {"text": "x", "time": {"created": NOON - 1}}, NOON - 1)
    base.second("assistant", second(NOON, counts(1, 10, 5), content=[{"type": "text", "text": "x"}, tool]))
    base.second("idle", {"outcome": "succeeded", "time": {"created": NOON + MINUTE}})
    found, _ = base.read()
    assert base.tokens() == [(1, 0, 0, 0, 15, 5)]
    (event,) = found.events
    assert (event.variant.model, event.variant.provider, event.cost_nano) == ("claude-opus-5", "anthropic", 250_000_000)
    assert (event.time - NOON, event.work_ms, event.grade) == (4 * SECOND, 2 * SECOND, FINISHED)
    (call,) = found.calls
    assert (call.name, call.started - NOON, call.ended - NOON, call.failed) == ("bash", 2 * SECOND, 4 * SECOND, True)
    assert [prompt.time for prompt in found.prompts] == [NOON - 1]
    assert found.skipped == []


def test_version_2_tells_of_compactions(base: Base) -> None:
    base.session(table="session_v2", model={"id": "claude-haiku-4-5", "providerID": "anthropic"})
    running = {"status": "running", "reason": "auto", "time": {"created": NOON}}
    id_ = base.second("compaction", running)
    first, state = base.read()
    assert (first.events, state["watched"]["session_message"]) == ([], [id_])
    base.update("session_message", id_, data={**running, "status": "completed", "tokens": counts(900, 80)})
    second, state = base.read(state)
    assert [(event.tokens.total, event.variant.model) for event in second.events] == [(980, "claude-haiku-4-5")]
    assert state["watched"]["session_message"] == []


def test_what_version_2_took_over_from_version_1_counts_once(base: Base) -> None:
    # A message of two steps becomes one with the counts of the last one, under an id of its own or the same.
    base.session()
    base.session(table="session_v2", version="2.0.3")
    message = base.message(answered(NOON, counts(20, 2)))
    base.part(message, step(counts(10, 1)), NOON + SECOND)
    base.part(message, step(counts(20, 2)), NOON + 2 * SECOND)
    model = {"id": "claude-sonnet-4-5", "providerID": "anthropic"}
    for id_ in (message, "evt_taken_over"):
        base.db.execute("DELETE FROM session_message")
        base.second("assistant", second(NOON, counts(20, 2), model=model), id_=id_)
        assert base.tokens() == [(10, 0, 0, 0, 1, 0), (20, 0, 0, 0, 2, 0)]
    base.db.execute("DELETE FROM message")
    assert base.tokens() == [(20, 0, 0, 0, 2, 0)]


def test_a_fork_in_version_2_counts_once(base: Base) -> None:
    base.session(table="session_v2")
    base.session("ses_f", NOON + MINUTE, "session_v2", fork_session_id="ses_a", title="A shop (fork #1)")
    base.second("assistant", second(NOON, counts(3, 3)))
    base.second("assistant", second(NOON, counts(3, 3)), NOON, "ses_f", f"{id_of('msg', NOON + MINUTE)}_1")
    told = base.told()["events"]
    assert [(event["input"], event["session"], event["views"]) for event in told] == [(3, "ses_a", 2)]


def test_a_database_of_version_2_alone_is_understood(another: Callable[..., Base]) -> None:
    base = another("opencode-next.db", SECOND_VERSION)
    base.session(table="session_v2")
    base.second("assistant", second(NOON, counts(3, 3)))
    assert base.tokens() == [(3, 0, 0, 0, 3, 0)]
