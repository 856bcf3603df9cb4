"""A strict reader of the text format of Prometheus 0.0.4: whatever promtool would complain about fails here too."""

import re
from typing import NamedTuple

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? (-?[0-9]+(?:\.[0-9]+)?)")
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


class Sample(NamedTuple):
    """One value of one series."""

    name: str
    labels: frozenset[tuple[str, str]]
    value: str


def parsed(text: str) -> dict[str, list[Sample]]:
    """Return samples by the name of their family; assert everything that the format and its naming rules ask for."""
    families: dict[str, list[Sample]] = {}
    seen: set[tuple[str, frozenset[tuple[str, str]]]] = set()
    kind = helped = current = ""
    assert text.endswith("\n")
    for line in text[:-1].split("\n"):
        if match := re.fullmatch(rf"# HELP ({_NAME}) (\S.*)", line):
            helped = match[1]
            assert helped not in families, f"{helped} comes twice"
        elif match := re.fullmatch(rf"# TYPE ({_NAME}) (counter|gauge)", line):
            current, kind = match[1], match[2]
            assert current == helped, f"{current} has no help"
            assert current.endswith("_total") == (kind == "counter"), f"{current} is a {kind}"
            families[current] = []
        else:
            found = _SAMPLE.fullmatch(line)
            assert found, f"no sample: {line}"
            assert found[1] == current, f"{found[1]} stands under {current}"
            pairs = re.findall(_LABEL, found[2] or "")
            assert len({name for name, _ in pairs}) == len(pairs), f"a label twice: {line}"
            labels = frozenset((name, re.sub(r"\\.", lambda each: _ESCAPES[each[0]], value)) for name, value in pairs)
            assert (current, labels) not in seen, f"a series twice: {line}"
            seen.add((current, labels))
            families[current].append(Sample(current, labels, found[found.lastindex or 0]))
    assert all(families.values()), "a family without samples"
    return families


def value(families: dict[str, list[Sample]], name: str, **labels: str) -> str:
    """Return the value of the one series that has these labels among its own."""
    (found,) = [each.value for each in families[name] if labels.items() <= dict(each.labels).items()]
    return found
