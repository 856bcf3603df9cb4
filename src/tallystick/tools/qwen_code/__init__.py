"""Qwen Code: Alibaba's coding agent, whose chats tell of each request twice: as telemetry and with the answer."""

from typing import Final

from tallystick.tools.qwen_code.places import roots
from tallystick.tools.tool import Named, Reader, Seen, State, Tool


def _reader(path: str, state: State) -> Reader:
    # Most questions find nothing new to read: what reads is imported when there is something.
    from tallystick.tools.qwen_code.reader import QwenLines

    return QwenLines(path, state)


def _on_the_wire(seen: Seen) -> Named | None:
    from tallystick.usage.identity import key

    if not seen.answer:
        return None
    number = key(QWEN_CODE.name, seen.answer, seen.part) if seen.part else key(QWEN_CODE.name, seen.answer)
    return Named(number, 0, seen.agent)


QWEN_CODE: Final = Tool(
    name="qwen-code",
    title="Qwen Code",
    roots=roots,
    reader=_reader,
    blind_spots=(
        "An answer that broke off is in the chat without counts, though its prompt was billed.",
        "Requests in the background that suggest the next prompt or ask beside the chat are not written down.",
        "What was written to a cache is not told apart from the rest of the prompt.",
        "Runs with chat recording switched off leave no chat.",
    ),
    on_the_wire=_on_the_wire,
)
