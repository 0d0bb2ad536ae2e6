import unittest

from satchel.spans import common, gaps, holding, length, merged


class Merging(unittest.TestCase):
    def test_overlap(self):
        """Spans that overlap come out of `merged` as one."""
        self.assertEqual(merged([(5, 9), (1, 6)]), [(1, 9)])

    def test_touch(self):
        """Spans that touch come out of `merged` as one."""
        self.assertEqual(merged([(1, 3), (3, 5)]), [(1, 5)])

    def test_apart(self):
        """Spans with room between them stay apart in `merged`, in order."""
        self.assertEqual(merged([(7, 8), (1, 3), (4, 5)]), [(1, 3), (4, 5), (7, 8)])

    def test_inside(self):
        """A span inside another one does not shorten it when they are merged."""
        self.assertEqual(merged([(1, 10), (2, 3)]), [(1, 10)])

    def test_empty_ones(self):
        """`merged` leaves out spans that hold nothing or end before they start."""
        self.assertEqual(merged([(4, 4), (9, 2), (1, 2)]), [(1, 2)])

    def test_none(self):
        """`merged` of nothing is nothing."""
        self.assertEqual(merged([]), [])

    def test_many(self):
        """`merged` joins a chain of spans into one, however many they are."""
        self.assertEqual(merged((n, n + 2) for n in range(50)), [(0, 51)])


class Length(unittest.TestCase):
    def test_once(self):
        """`length` counts what lies in two spans once."""
        self.assertEqual(length([(0, 5), (3, 8)]), 8)

    def test_apart(self):
        """`length` adds up spans that are apart."""
        self.assertEqual(length([(0, 2), (10, 13)]), 5)

    def test_none(self):
        """`length` of nothing is 0."""
        self.assertEqual(length([]), 0)


class Common(unittest.TestCase):
    def test_two_lists(self):
        """`common` finds every stretch that lies in both lists."""
        self.assertEqual(common([(0, 5), (8, 12)], [(3, 9)]), [(3, 5), (8, 9)])

    def test_touching_is_not_common(self):
        """Spans that only touch have nothing in common."""
        self.assertEqual(common([(0, 3)], [(3, 6)]), [])

    def test_same_end(self):
        """`common` goes on behind two spans that end together."""
        self.assertEqual(common([(0, 4), (6, 8)], [(2, 4), (5, 7)]), [(2, 4), (6, 7)])

    def test_either_way(self):
        """`common` gives the same whichever list comes first."""
        one, two = [(0, 9), (20, 30)], [(2, 3), (5, 25)]
        self.assertEqual(common(one, two), common(two, one))
        self.assertEqual(common(one, two), [(2, 3), (5, 9), (20, 25)])


class Gaps(unittest.TestCase):
    def test_between(self):
        """`gaps` gives what is free before, between and behind the spans."""
        self.assertEqual(gaps([(2, 4), (6, 7)], (0, 10)), [(0, 2), (4, 6), (7, 10)])

    def test_nothing_free(self):
        """`gaps` is empty where the spans cover everything."""
        self.assertEqual(gaps([(0, 10)], (0, 10)), [])
        self.assertEqual(gaps([(-5, 20)], (0, 10)), [])

    def test_outside(self):
        """Spans outside the range that `gaps` is asked about take nothing from it."""
        self.assertEqual(gaps([(-9, -3), (15, 20)], (0, 10)), [(0, 10)])

    def test_over_the_edge(self):
        """`gaps` cuts what reaches over the edges of its range."""
        self.assertEqual(gaps([(-2, 3), (8, 30), (40, 50)], (0, 10)), [(3, 8)])


class Holding(unittest.TestCase):
    def test_ends(self):
        """A span holds its start and not its end."""
        self.assertEqual(holding([(2, 5)], 2), (2, 5))
        self.assertEqual(holding([(2, 5)], 4), (2, 5))
        self.assertIsNone(holding([(2, 5)], 5))
        self.assertIsNone(holding([(2, 5)], 1))

    def test_merged(self):
        """`holding` gives the whole merged span."""
        self.assertEqual(holding([(0, 3), (2, 9), (20, 21)], 1), (0, 9))
