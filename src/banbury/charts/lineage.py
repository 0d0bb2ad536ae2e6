"""A picture of where something comes from and what came of it, in columns from left to right.

Each node is a link, in the order of reading, so that it can be walked by keyboard. A column of more
than a few nodes of one kind shows the first ones and one node for the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from banbury.charts.svg import number, tag, words

MOST = 12
"""Nodes of one kind in a column; of more, the rest share one node."""

WIDE, TALL = 204, 44
GAP_X, GAP_Y = 64, 14
_LETTERS = 24


class Node(msgspec.Struct, frozen=True):
    """One thing.

    Attributes:
        id: unique in the graph.
        kind: the class of its mark, such as `run`.
        label: its name.
        note: a few words below.
        column: where it stands; the middle of the picture is 0.
        link: address of its page, "" for none.
    """

    id: str
    kind: str
    label: str
    note: str
    column: int
    link: str = ""


class Edge(msgspec.Struct, frozen=True):
    """From what something was made of, to it; both are ids of nodes."""

    start: str
    end: str


class _Box(msgspec.Struct, frozen=True):
    node: Node
    x: float
    y: float


def graph(nodes: Sequence[Node], edges: Sequence[Edge], label: str, rest: str) -> str:
    """Return the graph as SVG in its natural size.

    Args:
        nodes: in the order in which they stand below one another.
        edges: between them.
        label: what the picture shows, in words.
        rest: where the node for those that are not shown leads to, such as a table.
    """
    shown, instead = folded(nodes, rest)
    boxes = _placed(shown)
    drawn = dict.fromkeys((instead.get(e.start, e.start), instead.get(e.end, e.end)) for e in edges)
    lines = [_edge(boxes[a], boxes[b]) for a, b in drawn if a in boxes and b in boxes and a != b]
    marks = [_mark(boxes[node.id]) for node in shown]
    width = max((b.x for b in boxes.values()), default=0) + WIDE + 2
    height = max((b.y for b in boxes.values()), default=0) + TALL + 2
    return tag(
        "svg",
        *lines,
        *marks,
        class_="lineage",
        role="group",
        aria_label=label,
        width=number(width),
        height=number(height),
        viewBox=f"0 0 {number(width)} {number(height)}",
    )


def folded(nodes: Sequence[Node], rest: str) -> tuple[list[Node], dict[str, str]]:
    """Return the nodes that are shown, by column, and for each other one the node in its place."""
    groups: dict[tuple[int, str], list[Node]] = defaultdict(list)
    for node in nodes:
        groups[node.column, node.kind].append(node)
    out: list[Node] = []
    instead: dict[str, str] = {}
    for (column, kind), held in sorted(groups.items(), key=lambda group: group[0][0]):
        if len(held) <= MOST:
            out += held
            continue
        out += held[: MOST - 1]
        more = held[MOST - 1 :]
        one = Node(f"more {column} {kind}", "more", f"{len(more):,} more", kind, column, rest)
        out.append(one)
        instead |= {node.id: one.id for node in more}
    return out, instead


def _placed(nodes: Sequence[Node]) -> dict[str, _Box]:
    columns: dict[int, list[Node]] = defaultdict(list)
    for node in nodes:
        columns[node.column].append(node)
    tallest = max((len(held) for held in columns.values()), default=0)
    boxes: dict[str, _Box] = {}
    for place, column in enumerate(sorted(columns)):
        held = columns[column]
        top = (tallest - len(held)) * (TALL + GAP_Y) / 2 + 1
        for row, node in enumerate(held):
            boxes[node.id] = _Box(node, 1 + place * (WIDE + GAP_X), top + row * (TALL + GAP_Y))
    return boxes


def _edge(start: _Box, end: _Box) -> str:
    x, y = start.x + WIDE, start.y + TALL / 2
    to_x, to_y = end.x, end.y + TALL / 2
    bend = max((to_x - x) / 2, 16)
    path = (
        f"M{number(x)} {number(y)}C{number(x + bend)} {number(y)} "
        f"{number(to_x - bend)} {number(to_y)} {number(to_x)} {number(to_y)}"
    )
    return tag("path", class_="edge", d=path)


def _mark(box: _Box) -> str:
    node = box.node
    inner = "".join(_inside(box))
    if not node.link:
        return tag("g", inner, class_=f"node {node.kind}")
    return tag("a", inner, class_=f"node {node.kind}", href=node.link)


def _inside(box: _Box) -> Iterator[str]:
    node = box.node
    label = node.label if len(node.label) <= _LETTERS else f"{node.label[: _LETTERS - 1]}…"
    note = node.note if len(node.note) <= _LETTERS else f"{node.note[: _LETTERS - 1]}…"
    yield tag("title", _text(f"{node.kind} {node.label}, {node.note}"))
    at = {"x": number(box.x), "y": number(box.y)}
    yield tag("rect", **at, width=WIDE, height=TALL, rx=4)
    # A drawing within the drawing, since that cuts off what some font sets wider than the box.
    yield tag(
        "svg",
        words(label, class_="name", x=10, y=18),
        words(note, class_="tick", x=10, y=34),
        **at,
        width=WIDE - 6,
        height=TALL,
    )


def _text(text: str) -> str:
    inner = words(text)
    return inner[len("<text>") : -len("</text>")]
