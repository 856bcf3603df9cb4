"""Places: where rollouts lie, and the thread in a rollout's name."""

import pytest

from tallystick.tools.codex.places import roots, thread_of

THREAD = "019a3f7c-0000-7000-8000-000000000002"


def test_without_a_variable_the_home_holds_them() -> None:
    assert [root.path for root in roots("/home/dev", {})] == [
        "/home/dev/.codex/sessions",
        "/home/dev/.codex/archived_sessions",
    ]


def test_archived_rollouts_may_be_compressed() -> None:
    assert all(root.suffixes == (".jsonl", ".jsonl.zst") for root in roots("/home/dev", {}))


@pytest.mark.parametrize(
    "variable,paths",
    [
        ("/srv/codex", ["/srv/codex/sessions", "/srv/codex/archived_sessions"]),
        ("~/a, /b/", ["/home/dev/a/sessions", "/home/dev/a/archived_sessions", "/b/sessions", "/b/archived_sessions"]),
        ("/b,/b", ["/b/sessions", "/b/archived_sessions"]),
        ("/b/sessions", ["/b/sessions"]),
        (" , ", ["/home/dev/.codex/sessions", "/home/dev/.codex/archived_sessions"]),
    ],
)
def test_the_variable_names_homes_instead(variable: str, paths: list[str]) -> None:
    assert [root.path for root in roots("/home/dev", {"CODEX_HOME": variable})] == paths


@pytest.mark.parametrize(
    "path,thread",
    [
        (f"/home/dev/.codex/sessions/2026/11/01/rollout-2026-11-01T12-00-00-{THREAD}.jsonl", THREAD),
        (f"/home/dev/.codex/archived_sessions/rollout-2026-11-01T12-00-00-{THREAD}.jsonl.zst", THREAD),
        (f"rollout-2026-11-01T12-00-00-{THREAD}_019a3f7c-1111-7000-8000-000000000003.jsonl", THREAD),
        (f"C:\\Users\\dev\\.codex\\sessions\\rollout-2026-11-01T12-00-00-{THREAD}.jsonl", THREAD),
        ("notes.jsonl", ""),
        ("rollout-2026-11-01T12-00-00.jsonl", ""),
        ("rollout-2026-11-01T12-00-00-" + "x" * 36 + ".jsonl", ""),
    ],
)
def test_the_name_tells_the_thread(path: str, thread: str) -> None:
    assert thread_of(path) == thread
