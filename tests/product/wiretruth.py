"""What the other side of the wire wrote down, against what was counted on it: each call once, to the token."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

_NOTHING = (0, 0, 0, 0, 0, 0)
_TOOLS = {
    "claude": "claude-code",
    "codex": "codex",
    "gemini": "gemini-cli",
    "opencode": "opencode",
    "qwen": "qwen-code",
    "copilot": "copilot-cli",
}
_AGENTS = {"claude-cli/": "claude", "codex_exec/": "codex", "GeminiCLI": "gemini", "opencode/": "opencode"}
"""By what those begin that ask for something besides what they were told to."""


class Truth(NamedTuple):
    """One call as it has to be counted."""

    number: int
    """Which request it was."""
    job: str
    """For which prompt; empty for what a client asked besides."""
    side: bool
    """Whether it was asked without tools, such as for a title."""
    client: str
    way: str
    tool: str
    session: str
    agent: str
    parent: str
    provider: str
    model: str
    outcome: str
    status: int
    tokens: tuple[int, ...]
    at_most: bool
    """The counts of an answer that broke off lie between nothing and these."""
    id: str
    request: str
    searches: int


def truth(line: Mapping[str, Any]) -> Truth:
    """Return what has to be counted for a request that the other side answered."""
    headers = line["headers"]
    job = line["directive"] or ""
    agent = headers.get("user-agent", "")
    client = job.partition("-")[0] if "-" in job else next((n for a, n in _AGENTS.items() if agent.startswith(a)), "")
    provider = {"gemini": "google"}.get(line["provider"], line["provider"])
    outcome, tokens, at_most = _outcome(line)
    return Truth(
        line["n"],
        job,
        line["kind"] == "side",
        client,
        "proxy" if headers["host"].endswith(".com") else "gateway",
        _TOOLS.get(client, ""),
        _first(headers, "x-claude-code-session-id", "thread-id", "x-session-affinity", "x-session-id"),
        _first(headers, "x-claude-code-agent-id", "x-openai-subagent").replace("collab_spawn", ""),
        _first(headers, "x-claude-code-parent-agent-id", "x-codex-parent-thread-id", "x-parent-session-id"),
        provider,
        line["model"],
        outcome,
        200 if line["transport"] == "websocket" and line["status"] == 200 else line["status"],
        tokens,
        at_most,
        line["response_id"] or "" if line["status"] == 200 else "",
        line["request_id"] or "",
        (line["usage"] or {}).get("server_tool_use", {}).get("web_search_requests", 0) if line["usage_sent"] else 0,
    )


def _first(headers: Mapping[str, str], *names: str) -> str:
    return next((headers[name] for name in names if headers.get(name)), "")


def _outcome(line: Mapping[str, Any]) -> tuple[str, tuple[int, ...], bool]:
    usage = line["usage"]
    told_so = (line.get("fault") or {}).get("error_event") and line["provider"] == "openai"
    if line["status"] != 200 or told_so:
        # Responses end with `response.failed`, in which there are no counts.
        return "failed", _NOTHING, False
    if line["usage_sent"]:
        return ("prewarm" if line["kind"] == "warmup" else "done"), tokens(usage), False
    if line.get("include_usage") is False and not line.get("fault") and not line.get("client_gone"):
        return "missing", _NOTHING, False
    if "start_usage" in line:
        # Nobody is told how much of an answer came before its end: what stands is how it began.
        return "cut", tokens(line["start_usage"]), False
    # Gemini tells what it has so far with each piece, OpenAI nothing before the end.
    return "cut", tokens(usage) if "promptTokenCount" in usage else _NOTHING, True


def tokens(usage: Mapping[str, Any]) -> tuple[int, ...]:
    """Return disjoint counts: input, read, written for five minutes and for an hour, output, and how much of it is reasoning."""
    if "promptTokenCount" in usage:
        read, thought = usage.get("cachedContentTokenCount", 0), usage.get("thoughtsTokenCount", 0)
        fresh = usage["promptTokenCount"] - read + usage.get("toolUsePromptTokenCount", 0)
        return fresh, read, 0, 0, usage["candidatesTokenCount"] + thought, thought
    if "cache_creation" in usage:
        written = usage["cache_creation"]
        five, hour = written["ephemeral_5m_input_tokens"], written["ephemeral_1h_input_tokens"]
        return usage["input_tokens"], usage["cache_read_input_tokens"], five, hour, usage["output_tokens"], 0
    given, made = ("prompt", "completion") if "prompt_tokens" in usage else ("input", "output")
    read = usage[f"{given}_tokens_details"]["cached_tokens"]
    thought = usage[f"{made}_tokens_details"]["reasoning_tokens"]
    return usage[f"{given}_tokens"] - read, read, 0, 0, usage[f"{made}_tokens"], thought


class Held(NamedTuple):
    """The one held against the other."""

    pairs: list[tuple[Truth, Mapping[str, Any]]]
    wrong: list[str]


def held(ledger: Iterable[Mapping[str, Any]], spooled: Iterable[Mapping[str, Any]]) -> Held:
    """Pair every request with the line that was spooled for it; tell of those that differ, lack or are too many."""
    left = [line for line in spooled if "tool" in line]
    wrong = [f"a note: {line}" for line in spooled if "note" in line]
    pairs: list[tuple[Truth, Mapping[str, Any]]] = []
    # Those that can be known by an id come first, so that no other one takes their lines.
    for one in sorted(map(truth, ledger), key=lambda one: (not one.id, not one.request)):
        found = _find(one, left)
        if found is None:
            wrong.append(f"not counted: {one}")
            continue
        left.remove(found)
        pairs.append((one, found))
        wrong += [f"{what}: {one} was counted as {found}" for what in differences(one, found)]
    return Held(pairs, wrong + [f"nobody answered this: {line}" for line in left])


def _find(one: Truth, left: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    def fits(line: Mapping[str, Any]) -> bool:
        if one.id and line["id"]:
            return bool(line["id"] == one.id)
        if one.request and line["request"]:
            return bool(line["request"] == one.request)
        # An error of Google's, and one on a websocket, has no id.
        same = line["outcome"] == one.outcome and line["status"] == one.status
        return same and (line["model"], line["via"], line["session"]) == (one.model, one.way, one.session)

    return next(filter(fits, left), None)


def differences(one: Truth, line: Mapping[str, Any]) -> list[str]:
    """Return the names of what was counted otherwise."""
    counted = line["tokens"]
    if one.at_most:
        # What went in is known with the first piece, or not at all.
        exact = counted == list(_NOTHING) or (
            counted[:4] == list(one.tokens[:4]) and all(a <= b for a, b in zip(counted, one.tokens, strict=True))
        )
    else:
        exact = counted == list(one.tokens)
    same = {
        "tokens": exact,
        "via": line["via"] == one.way,
        "outcome": line["outcome"] == one.outcome,
        "status": line["status"] == one.status,
        "provider": line["provider"] == one.provider,
        "model": line["model"] == one.model,
        "asked": line["asked"] == one.model,
        "tool": line["tool"] == one.tool,
        "session": line["session"] == one.session,
        "agent": line["agent"] == one.agent,
        "parent": line["parent"] == one.parent,
        "request": line["request"] == one.request,
        "searches": line["searches"] == one.searches,
        "mismatch": not line["mismatch"],
        "part": line["part"] == 0,
    }
    return [name for name, holds in same.items() if not holds]
