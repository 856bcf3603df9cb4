"""Answers as aligned columns without any decoration, for pipes and files."""

from tallystick.answers.answer import Answer
from tallystick.faces.text.sheet import Column, sheet
from tallystick.faces.text.words import cells


def report(answer: Answer) -> str:
    """Return an answer as a line of headings, its rows and its totals; every figure in full."""
    columns = [column for column in sheet(answer, compact=False).columns if column.name != "bar"]
    lines = [[column.title for column in columns]]
    lines += [
        list(row) for row in zip(*([cell.text.rstrip() for cell in column.cells] for column in columns), strict=True)
    ]
    lines.append([column.total.text.rstrip() for column in columns])
    widths = [max(cells(line[place]) for line in lines) for place in range(len(columns))]
    return "".join(_line(columns, line, widths) for line in lines)


def _line(columns: list[Column], texts: list[str], widths: list[int]) -> str:
    padded = []
    for column, text, width in zip(columns, texts, widths, strict=True):
        space = " " * (width - cells(text))
        padded.append(space + text if column.right else text + space)
    return "  ".join(padded).rstrip() + "\n"
