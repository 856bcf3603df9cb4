"""What tokenfold's client makes of transcripts: records without long texts, in batches, with a cursor for each file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_TEXT = 500
_VALUE = 300


def stripped(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as the client sends it; whatever is not named here it sends whole."""
    message = record.get("message")
    if not isinstance(message, dict):
        return record
    content = message.get("content")
    if isinstance(content, str):
        return {**record, "message": {**message, "content": _shortened(content)}}
    if isinstance(content, list):
        return {**record, "message": {**message, "content": [_block(each) for each in content]}}
    return record


def batches(projects: Path, machine: str, size: int = 2_000) -> Iterator[dict[str, Any]]:
    """Yield the bodies that the client sends for all transcripts in a folder, file by file."""
    for path in sorted(projects.rglob("*.jsonl")):
        project = path.relative_to(projects).parts[0]
        records = []
        for line in path.read_text(errors="replace").splitlines():
            try:
                records.append(stripped(json.loads(line)))
            except (ValueError, AttributeError):
                continue
        for at in range(0, len(records), size):
            yield {
                "machine": machine,
                "project_dir": project,
                # Also of a subagent's transcript, which lies in a folder of its session's.
                "session_file": path.name,
                "cursor": {"last_line_num": at},
                "events": records[at : at + size],
            }


def _shortened(text: str) -> str:
    return text if len(text) <= _TEXT else f"{text[:200]}... [{len(text)} chars]"


def _noted(text: object) -> object:
    return f"[{len(text)} chars]" if isinstance(text, str) and len(text) > _VALUE else text


def _block(block: Any) -> Any:  # noqa: ANN401  whatever JSON has
    kind = block.get("type") if isinstance(block, dict) else None
    if kind == "thinking":
        return {**block, "thinking": f"[{len(block.get('thinking', ''))} chars]"}
    if kind == "text":
        return {**block, "text": _shortened(str(block.get("text", "")))}
    if kind == "tool_use" and isinstance(block.get("input"), dict):
        return {**block, "input": {name: _noted(value) for name, value in block["input"].items()}}
    if kind == "tool_result":
        return {**block, "content": _given(block.get("content"))}
    return {"type": "image"} if kind == "image" else block


def _given(content: Any) -> Any:  # noqa: ANN401
    if not isinstance(content, list):
        return _noted(content)
    return [{**each, "text": _noted(each.get("text"))} for each in content if isinstance(each, dict)]
