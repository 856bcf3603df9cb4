"""What fits a filter."""

import pytest

from tallystick.answers.fitting import fits


@pytest.mark.parametrize(
    "key, patterns, value, does",
    [
        ("model", ["claude-opus-4-1"], "claude-opus-4-1", True),
        ("model", ["Claude-Opus-4-1"], "claude-opus-4-1", True),
        ("model", ["opus"], "claude-opus-4-1", False),
        ("model", ["*opus*"], "claude-opus-4-1", True),
        ("model", ["*-4-*"], "claude-opus-4-1", True),
        ("model", ["claude*1"], "claude-opus-4-1", True),
        ("model", ["claude*claude*"], "claude-opus-4-1", False),
        ("model", ["a*a"], "a", False),
        ("model", ["*"], "", True),
        ("model", ["gpt*", "*opus*"], "claude-opus-4-1", True),
        ("project", ["shop"], "/home/dev/shop", True),
        ("project", ["shop/"], "/home/dev/shop", True),
        ("project", ["/home/dev/shop"], "/home/dev/shop/", True),
        ("project", ["/"], "/", True),
        ("project", ["hop"], "/home/dev/shop", False),
        ("project", ["sh*"], "/home/dev/shop", True),
        ("project", ["shop"], r"C:\work\Shop", True),
        # Only a project is known by its last part.
        ("branch", ["fix"], "feature/fix", False),
    ],
)
def test_filters(key: str, patterns: list[str], value: str, does: bool) -> None:  # noqa: FBT001  an expectation
    assert fits(key, patterns, value) is does
