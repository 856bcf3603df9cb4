"""Patterns of hosts become names that a certificate can be limited to, and never the whole of a cloud."""

import pytest

from tallystick.errors import Misused
from tallystick.providers.shelf import Shelf
from tallystick.trust.regions import AWS, GOOGLE
from tallystick.trust.subtrees import covered, readable, subtrees


@pytest.mark.parametrize(
    "patterns, names",
    [
        (["api.anthropic.com"], ("api.anthropic.com",)),
        (["*.openai.azure.com"], ("openai.azure.com",)),
        (["API.OpenAI.com. "], ("api.openai.com",)),
        # What lies below another one needs no name of its own.
        (["*.example.com", "a.example.com", "b.a.example.com"], ("example.com",)),
        (["b.example.com", "a.example.com", "a.example.com"], ("a.example.com", "b.example.com")),
        # An end that is alike is no name below.
        (["notexample.com", "example.com"], ("example.com", "notexample.com")),
        (["llm.*.example.com"], ("example.com",)),
        (["a-*.example.com"], ("example.com",)),
        ([], ()),
    ],
)
def test_a_pattern_covers_a_name_and_all_below(patterns: list[str], names: tuple[str, ...]) -> None:
    assert subtrees(patterns) == names


def test_in_a_cloud_a_star_stands_for_each_region() -> None:
    found = subtrees(["bedrock-runtime.*.amazonaws.com"])
    assert "bedrock-runtime.eu-central-1.amazonaws.com" in found
    assert len(found) == len(AWS) == len(set(AWS)) == 36
    found = subtrees(["*-aiplatform.googleapis.com"])
    assert "europe-west4-aiplatform.googleapis.com" in found
    assert len(found) == len(GOOGLE) == len(set(GOOGLE)) == 44


def test_where_nobody_can_list_the_names_only_a_whole_one_counts() -> None:
    assert subtrees(["copilot-api.*.ghe.com"]) == ()
    assert subtrees(["copilot-api.*.ghe.com", "copilot-api.acme.ghe.com"]) == ("copilot-api.acme.ghe.com",)


@pytest.mark.parametrize("pattern", Shelf().hosts())
def test_each_host_that_is_built_in_is_covered(pattern: str) -> None:
    names = subtrees([pattern])
    example = pattern.replace("*", "europe-west4" if pattern.endswith("googleapis.com") else "us-east-1")
    assert covered(names, example) is not pattern.endswith(".ghe.com")
    # Nothing beside the provider: neither its cloud nor a look-alike.
    for other in ("storage.googleapis.com", "sts.amazonaws.com", "s3.us-east-1.amazonaws.com", "login.azure.com"):
        assert not covered(names, other)
    assert not any(covered(names, f"x{name}") for name in names)
    assert not covered(names, f"{example}.example.org")


def test_what_a_certificate_can_speak_for_is_told_as_patterns() -> None:
    found = readable(
        ["api.x.ai", "*.api.x.ai", "x.*.amazonaws.com", "copilot-api.*.ghe.com", "aiplatform.googleapis.com"]
    )
    assert found == (
        "api.x.ai",
        "*.api.x.ai",
        *(f"x.{each}.amazonaws.com" for each in AWS),
        "aiplatform.googleapis.com",
    )
    assert subtrees(readable(Shelf().hosts())) == subtrees(Shelf().hosts())


def test_a_name_covers_itself_and_what_is_below() -> None:
    names = ("example.com", "a.b.c")
    assert all(covered(names, host) for host in ("example.com", "x.example.com", "y.x.example.com", "a.b.c"))
    assert not any(covered(names, host) for host in ("com", "xexample.com", "b.c", "example.com.org", ""))


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "com",
        "*.com",
        "amazonaws.com",
        "*.amazonaws.com",
        "*.googleapis.com",
        "*.eu-*.amazonaws.com",
        "x.*.*.api.aws",
        "*.api.aws",
        "ghe.com",
    ],
)
def test_what_covers_too_much_is_refused(pattern: str) -> None:
    with pytest.raises(Misused, match="would cover far more than models"):
        subtrees([pattern])


@pytest.mark.parametrize(
    "pattern", ["", " ", "a..b.com", ".example.com", "https://a.example.com", "a b.com", "ünï.com"]
)
def test_what_is_no_name_is_refused(pattern: str) -> None:
    with pytest.raises(Misused, match="is no host's name"):
        subtrees([pattern])
