"""The book as tables of text, each line with how many times better ours is."""

from collections.abc import Sequence

from benchmarks.book import Book, Cell, Line

_NONE = "–"
_WHOLE = 100  # figures from here on are shown without decimals


def table(book: Book, part: str, servers: Sequence[str]) -> list[str]:
    """Markdown; the first server is the one that the others are compared with."""
    first, *others = servers
    head = ["", first, *(cell for other in others for cell in (other, "ratio"))]
    rows = [head, ["---", *["---:"] * (len(head) - 1)]]
    for line in book.lines_of(part):
        row = [line.title, shown(book.cell(line.key, part, first), line)]
        for other in others:
            ratio = book.ratio(line.key, part, first, other)
            row += [shown(book.cell(line.key, part, other), line), times(ratio)]
        rows.append(row)
    return aligned(rows)


def reasons(book: Book, part: str, servers: Sequence[str]) -> list[str]:
    """Why a cell has no figure, each reason once."""
    found: dict[str, list[str]] = {}
    for line in book.lines_of(part):
        for server in servers:
            reason = book.cell(line.key, part, server).reason
            if reason:
                found.setdefault(f"{server}: {reason}", []).append(line.key)
    return [f"- {', '.join(keys)}: {reason}" for reason, keys in found.items()]


def shown(cell: Cell, line: Line) -> str:
    return _NONE if cell.figure is None else f"{number(cell.figure)} {line.unit}"


def times(ratio: float | None) -> str:
    return _NONE if ratio is None else f"{ratio:.1f}×"


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= _WHOLE else f"{value:.3g}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "| "
        + " | ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True))
        + " |"
        for row in rows
    ]


def _padded(cell: str, width: int) -> str:
    if cell == "---":
        return "-" * width
    if cell == "---:":
        return "-" * (width - 1) + ":"
    return cell.ljust(width)
