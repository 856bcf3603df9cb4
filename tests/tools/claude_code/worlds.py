"""Transcripts for hypothesis: whatever lines a session may have, in whatever order, and damage of every kind."""

import json
from typing import Any, Final

from hypothesis import strategies as st
from tests.tools.claude_code.transcripts import (
    SESSION,
    Fields,
    Json,
    answer,
    at,
    line,
    notice,
    prompt,
    result,
    text,
    usage,
    use,
)

ODD: Final[list[Json]] = [
    None, True, False, 0, -1, 7, 3.0, -0.5, 1e308, 10**30, 10**400, "", "3", "x\x00y", "half \ud83d", "schön", [], [None], [[]],
    ["x"], {}, {"type": "text"}, [{"type": "tool_use", "id": "toolu_9", "name": "Bash"}],
]  # fmt: skip
"""Values of every type, one of which is wrong in any field."""

times = st.integers(0, 900).map(lambda tenths: tenths * 40 / 10)
numbers = st.integers(1, 4)
outputs = st.sampled_from([0, 1, 5, 9, 631])


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Draw one line of an answer, of which there are few, so that lines belong together."""
    number = draw(numbers)
    read = draw(st.sampled_from([None, 0, 16_997]))
    counts = usage(
        draw(st.sampled_from([3, 17_000])),
        0,
        draw(st.sampled_from([0, 40])),
        draw(outputs),
        cache_read_input_tokens=read,
    )
    if draw(st.booleans()):
        counts = {name: counts[name] for name in ("input_tokens", "output_tokens")}
    uses = draw(st.lists(numbers, max_size=2))
    blocks = [text(), *(use(draw(st.sampled_from(["Bash", "WebSearch"])), each) for each in uses)]
    more: Fields = {
        "requestId": draw(st.sampled_from([f"req_{number}", f"req_{number}", "req_other", None])),
        "stop": draw(st.sampled_from(["end_turn", "tool_use", None])),
        "version": draw(st.sampled_from(["2.0.14", "2.1.330"])),
        "isSidechain": draw(st.sampled_from([False, False, False, True, None])),
        "isAbortedMidStream": draw(st.sampled_from([None, None, None, True])),
        "cwd": draw(st.sampled_from(["/home/dev/shop", "/home/dev/other", None])),
        "requestSessionId": draw(st.sampled_from([None, None, "another"])),
        "uuid": draw(st.sampled_from([None, f"u-{draw(st.integers(1, 9))}"])),
    }
    if draw(st.integers(0, 9)) == 0:
        more["id"] = None
    return answer(number, draw(times), counts, *blocks, **more)


@st.composite
def results(draw: st.DrawFn) -> bytes:
    """Draw a line with one or more results, which nobody need have asked for."""
    several = draw(st.lists(numbers, min_size=1, max_size=3))
    moment, failed = draw(times), draw(st.sampled_from([None, True, False]))
    more = {"toolUseResult": {"searchCount": 2}} if draw(st.booleans()) else {}
    if len(several) == 1:
        return result(
            several[0], moment, draw(st.sampled_from(["ok", '"tool_use_id":"x"', "x" * 3_000])), failed=failed, **more
        )
    parts = [{"type": "tool_result", "tool_use_id": f"toolu_{each:022}", "content": "ok"} for each in several]
    return prompt(moment, parts, **more)


@st.composite
def progress(draw: st.DrawFn) -> bytes:
    """Draw the copy of a subagent's line."""
    inner = json.loads(draw(answers()))
    said = {"type": "progress", "sessionId": SESSION, "cwd": "/home/dev/shop", "timestamp": at(draw(times))}
    return line(said | {"data": {"type": "agent_progress", "agentId": "a1", "message": inner}})


others = st.one_of(
    st.builds(prompt, times),
    st.builds(lambda moment: prompt(moment, [text("[Request interrupted by user]")]), times),
    st.builds(lambda moment: prompt(moment, "Your response was cut off", isMeta=True, turnCompanion=True), times),
    st.builds(lambda moment: notice(moment, apiError="connection_failed"), times),
    st.builds(lambda moment: notice(moment, "Claude AI usage limit reached|1793556000"), times),
    st.sampled_from(
        [
            b"\n",
            b"not json\n",
            b"\x00\x00\n",
            line({"type": "ai-title", "aiTitle": "Made"}),
            line({"type": "custom-title", "customTitle": "Given"}),
            line({"type": "assistant", "message": None}),
            line({"type": "file-history-snapshot", "snapshot": {"timestamp": at(5)}}),
        ]
    ),
)
lines = st.one_of(answers(), answers(), answers(), results(), results(), progress(), others)
transcripts = st.lists(lines, max_size=14)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw a line in which something is wrong: a value of another type, a field that is gone, bytes that are others."""
    raw: bytes = draw(lines)
    match draw(st.sampled_from(["value", "value", "bytes", "cut"])):
        case "value":
            try:
                fields = json.loads(raw)
            except ValueError:
                return raw
            _spoil(draw, fields)
            return line(fields)
        case "bytes":
            place: int = draw(st.integers(0, len(raw) - 1))
            return (raw[:place] + draw(st.binary(max_size=3)) + raw[place + draw(st.integers(0, 3)) :]).replace(
                b"\n", b" "
            ) + b"\n"
        case _:
            return raw[: draw(st.integers(0, len(raw)))].replace(b"\n", b" ") + b"\n"


def _spoil(draw: st.DrawFn, fields: Any) -> None:  # noqa: ANN401 - any JSON
    """Put an odd value somewhere into an object."""
    while isinstance(fields, dict | list) and fields:
        place = draw(st.sampled_from(sorted(fields) if isinstance(fields, dict) else range(len(fields))))
        inner = fields[place]
        if not isinstance(inner, dict | list) or not inner or draw(st.integers(0, 3)) == 0:
            fields[place] = draw(st.sampled_from(ODD))
            return
        fields = inner
