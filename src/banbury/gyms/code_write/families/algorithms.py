"""Small algorithms: grids, graphs, programs, and sequences."""

from __future__ import annotations

from random import Random

from banbury.gyms.code_write.compose import Domain, Source, piece
from banbury.gyms.code_write.families.numbers import NUMBERS, integers

_NUMBERS = ("differences", "once", "modulo", "square", "clip", "running", "rotate")


def grid(rng: Random) -> list[str]:
    """Return a small map of free places and walls."""
    height, width = rng.randint(2, 5), rng.randint(2, 6)
    return ["".join(rng.choice("...#") for _ in range(width)) for _ in range(height)]


def edges(rng: Random) -> list[tuple[int, int, int]]:
    """Return edges (from, to, weight) among few nodes."""
    nodes = rng.randint(3, 7)
    return [
        (rng.randrange(nodes), rng.randrange(nodes), rng.randint(1, 9))
        for _ in range(rng.randint(3, 10))
    ]


def program(rng: Random) -> list[str]:
    """Return a program for a small stack machine."""
    begin = [f"push {rng.randint(-3, 9)}" for _ in range(rng.randint(1, 3))]
    ways = ("push", "add", "mul", "dup", "swap", "pop")
    rest = [rng.choice(ways) for _ in range(rng.randint(3, 8))]
    return begin + [f"push {rng.randint(-3, 9)}" if op == "push" else op for op in rest]


_STEPS4 = "((1, 0), (-1, 0), (0, 1), (0, -1))"
_STEPS8 = "[(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b]"


def _regions(steps: str, last: str) -> str:
    return (
        'free = {(r, c) for r, row in enumerate(x) for c, v in enumerate(row) if v == "."}\n'
        f"sizes = []\nwhile free:\n    todo, size = [free.pop()], 0\n    while todo:\n"
        f"        r, c = todo.pop()\n        size += 1\n        for a, b in {steps}:\n"
        "            if (r + a, c + b) in free:\n                free.remove((r + a, c + b))\n"
        f"                todo.append((r + a, c + b))\n    sizes.append(size)\n{last}"
    )


GRIDS = (
    piece(
        "turn",
        "grid>grid",
        'x = ["".join(col) for col in zip(*x[::-1])]',
        "Turn the map by 90 degrees clockwise.",
        "Rotate the map to the right by a quarter, so that its left column becomes the top row.",
    ),
    piece(
        "mirror",
        "grid>grid",
        "x = [row[::-1] for row in x]",
        "Mirror each row, left to right.",
        "Reverse every row.",
    ),
    piece(
        "upside",
        "grid>grid",
        "x = x[::-1]",
        "Put the rows in reverse order.",
        "Turn the map upside down, without turning the rows.",
    ),
    piece(
        "open_row",
        "grid>grid",
        'x = ["." * len(row) if row.count("#") > $k else row for row in x]',
        "Clear each row with more than $k walls: all its places become free.",
        "Where a row has over $k walls, replace all of them by free places.",
        k=(1, 2),
    ),
    piece(
        "spread",
        "grid>grid",
        'x = ["".join("#" if "#" in row[max(0, i - 1) : i + 2] else "." for i in range(len(row)))\n'
        "     for row in x]",
        "Make each free place a wall that has a wall directly to its left or right.",
        "Walls grow sideways by one place to either side, all at once.",
    ),
    piece(
        "walls",
        "grid>numbers",
        'x = [row.count("#") for row in x]',
        "Replace each row by how many walls it has.",
        "Go on with the number of walls per row.",
    ),
    piece(
        "regions",
        "grid>",
        _regions(_STEPS4, "return len(sizes)"),
        "Return how many regions the free places form, where places are joined up, down, left and "
        "right.",
        "Give back the number of connected areas of free places; diagonal neighbours are not "
        "connected.",
    ),
    piece(
        "largest",
        "grid>",
        _regions(_STEPS8, "return max(sizes, default=0)"),
        "Return how many places the largest region of free places has, where places are joined in "
        "all eight directions, 0 if there is none.",
        "Give back the size of the biggest connected area of free places; diagonal neighbours are "
        "connected, and without free places it is 0.",
    ),
    piece(
        "path",
        "grid>",
        'height, width = len(x), len(x[0]) if x else 0\nif not width or x[0][0] == "#":\n'
        "    return -1\nfar, todo = {(0, 0): 0}, deque([(0, 0)])\nwhile todo:\n"
        "    r, c = todo.popleft()\n"
        f"    for a, b in {_STEPS4}:\n        p = (r + a, c + b)\n"
        "        if 0 <= p[0] < height and 0 <= p[1] < width and p not in far:\n"
        '            if x[p[0]][p[1]] == ".":\n                far[p] = far[r, c] + 1\n'
        "                todo.append(p)\nreturn far.get((height - 1, width - 1), -1)",
        "Return how many moves up, down, left or right, over free places only, lead at least from "
        "the upper left to the lower right place; -1 if there is no way, or the map is empty.",
        "Give back the length of the shortest way, in steps to one of four neighbours and never "
        "through walls, from the top left corner to the bottom right one; -1 if that cannot be "
        "reached or the map has no places.",
    ),
    piece("map", "grid>", "return x", "Return the map.", "Give back the resulting list of rows."),
)
GRAPHS = (
    piece(
        "no_loops",
        "edges>edges",
        "x = [(a, b, w) for a, b, w in x if a != b]",
        "Drop edges from a node to itself.",
        "Leave out all loops (from = to).",
    ),
    piece(
        "light",
        "edges>edges",
        "x = [(a, b, w) for a, b, w in x if w <= $k]",
        "Drop edges with a weight greater than $k.",
        "Keep only edges that weigh $k or less.",
        k=(4, 5, 6),
    ),
    piece(
        "both_ways",
        "edges>edges",
        "x = x + [(b, a, w) for a, b, w in x]",
        "Add to the end, for each edge, one in the other direction with the same weight.",
        "Append the reverse of every edge, with its weight.",
    ),
    piece(
        "flip",
        "edges>edges",
        "x = [(b, a, w) for a, b, w in x]",
        "Turn the direction of each edge.",
        "Exchange start and end of every edge.",
    ),
    piece(
        "weights",
        "edges>numbers",
        "x = [w for _, _, w in x]",
        "Take the weights.",
        "Go on with the list of weights.",
    ),
    piece(
        "degrees",
        "edges>",
        "counts = {}\nfor a, b, _ in x:\n    counts[a] = counts.get(a, 0) + 1\n"
        "    counts.setdefault(b, 0)\nreturn counts",
        "Return a dict from each node that an edge names to how many edges leave it.",
        "Give back a dictionary with the number of outgoing edges of every node that occurs.",
    ),
    piece(
        "reach",
        "edges>",
        "seen, todo = {$s}, [$s]\nwhile todo:\n    node = todo.pop()\n    for a, b, _ in x:\n"
        "        if a == node and b not in seen:\n            seen.add(b)\n"
        "            todo.append(b)\n"
        "return sorted(seen)",
        "Return the sorted list of all nodes that can be reached from node $s along the edges, "
        "node $s included.",
        "Give back, in ascending order, node $s and whatever one can get to from it by following "
        "edges.",
        s=(0, 1),
    ),
    piece(
        "cheapest",
        "edges>",
        "cost = {$s: 0}\nfor _ in range(len(x)):\n    for a, b, w in x:\n"
        "        if a in cost and cost[a] + w < cost.get(b, cost[a] + w + 1):\n"
        "            cost[b] = cost[a] + w\nreturn cost",
        "Return a dict from each node that can be reached from node $s along the edges to the "
        "least sum of weights on a way there; node $s itself has 0.",
        "Give back a dictionary of shortest distances from node $s (0 for itself), a distance "
        "being the sum of the weights on the way; leave out nodes that cannot be reached.",
        s=(0, 1),
    ),
    piece(
        "components",
        "edges>",
        "names = {n: n for a, b, _ in x for n in (a, b)}\nfor a, b, _ in x:\n"
        "    old, new = names[a], names[b]\n    for n in names:\n        if names[n] == old:\n"
        "            names[n] = new\nreturn len(set(names.values()))",
        "Return how many connected parts the nodes named by edges form, whatever the edges' "
        "direction.",
        "Give back the number of components of the graph, taking edges as undirected and only "
        "nodes that occur in one.",
    ),
)
PROGRAMS = (
    piece(
        "first_only",
        "program>program",
        "x = x[:$k]",
        "Keep only the first $k instructions.",
        "Cut the program off after $k instructions.",
        k=(4, 5, 6),
    ),
    piece(
        "no_pops",
        "program>program",
        'x = [op for op in x if op != "pop"]',
        "Drop each `pop`.",
        "Leave out all `pop` instructions.",
    ),
    piece(
        "run",
        "program>numbers",
        "stack = []\nfor op in x:\n    if op.startswith('push'):\n"
        "        stack.append(int(op[5:]))\n"
        "    elif op == 'pop' and stack:\n        stack.pop()\n"
        "    elif op == 'dup' and stack:\n        stack.append(stack[-1])\n"
        "    elif op in ('add', 'mul', 'swap') and len(stack) > 1:\n"
        "        b, a = stack.pop(), stack.pop()\n"
        "        stack += [b, a] if op == 'swap' else [a + b if op == 'add' else a * b]\nx = stack",
        "Run the program on an empty stack: `push N` puts an integer on top, `pop` takes the top "
        "off, `dup` puts a copy of the top on top, `swap` exchanges the two on top, `add` and "
        "`mul` take two off and put their sum or product on. An instruction that lacks its "
        "numbers does nothing. Go on with the stack as a list, its top last.",
        "Interpret the instructions with a stack that is empty at first: `push N`, `pop` (discard "
        "the top), `dup` (double the top), `swap` (exchange the upper two), `add`, `mul` (replace "
        "the upper two by sum or product); if too few numbers are there, an instruction is "
        "skipped. Take the stack, bottom first, as a list.",
    ),
)
SEQUENCES = (
    piece(
        "climb",
        "numbers>",
        "best = []\nfor i, v in enumerate(x):\n"
        "    best.append(1 + max((best[j] for j in range(i) if x[j] < v), default=0))\n"
        "return max(best, default=0)",
        "Return the length of the longest strictly increasing subsequence (its numbers need not be "
        "neighbours), 0 if there is none.",
        "Give back how many numbers can be picked at most, in their order, so that each is greater "
        "than the one picked before; 0 for an empty list.",
    ),
    piece(
        "best_run",
        "numbers>",
        "best = now = 0\nfor v in x:\n    now = max(0, now + v)\n    best = max(best, now)\n"
        "return best",
        "Return the largest sum of neighbours, that is of a slice of the list; the empty slice, "
        "with sum 0, counts too.",
        "Give back the maximum total of a contiguous part of the list, where an empty part with "
        "total 0 is allowed.",
    ),
    piece(
        "apart",
        "numbers>",
        "take = skip = 0\nfor v in x:\n    take, skip = skip + v, max(take, skip)\n"
        "return max(take, skip)",
        "Return the largest sum of numbers of which no two are neighbours in the list; taking "
        "none, with sum 0, counts too.",
        "Give back the maximum total of a choice of numbers without two adjacent ones; choosing "
        "nothing (0) is allowed.",
    ),
    piece(
        "plateau",
        "numbers>",
        "best = 0\nfor value, run in groupby(x):\n    best = max(best, len(list(run)))\n"
        "return best",
        "Return the length of the longest run of equal neighbours, 0 if the list is empty.",
        "Give back how many equal numbers stand side by side at most; 0 without numbers.",
    ),
    piece(
        "pairs_to",
        "numbers>",
        "return sum(a + b == $k for i, a in enumerate(x) for b in x[i + 1 :])",
        "Return how many pairs of two positions have numbers that add up to $k.",
        "Give back the number of ways to pick two positions whose numbers have the sum $k.",
        k=(3, 4, 5),
    ),
)
DOMAIN = Domain(
    "code_write.algorithms",
    "write a small algorithm",
    (
        Source(
            "grid",
            "rows",
            "grid",
            "a map as a list of strings of one length, `.` for a free place and `#` for a wall",
            "a list of equally long strings, the rows of a map on which `.` is free and `#` a wall",
            grid,
            (["."], ["#"], ["..", "##", ".."], [".#.", "...", ".#."]),
        ),
        Source(
            "edges",
            "edges",
            "edges",
            "a list of edges of a graph: tuples (from, to, weight) of integers, weights above 0",
            "a graph as a list of its edges, each a tuple of integers (from, to, weight) with a "
            "positive weight",
            edges,
            ([], [(0, 0, 1)], [(0, 1, 5), (1, 2, 5), (0, 2, 9)], [(1, 0, 3), (0, 1, 3)]),
        ),
        Source(
            "program",
            "program",
            "program",
            "a list of instructions for a stack machine",
            "a program for a machine with a stack, as a list of strings",
            program,
            ([], ["pop", "add"], ["push 2", "dup", "mul"], ["push 1", "push -2", "swap", "add"]),
        ),
        Source(
            "integers",
            "numbers",
            "numbers",
            "a list of integers",
            "a list whose elements are integers",
            integers,
            ([], [0], [-3, -1], [4, 4, 4, 1]),
        ),
    ),
    (
        *GRIDS,
        *GRAPHS,
        *PROGRAMS,
        *SEQUENCES,
        *(p for p in NUMBERS if p.name in (*_NUMBERS, "list", "sum")),
    ),
)
