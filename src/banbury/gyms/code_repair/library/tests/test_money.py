import unittest

from satchel.money import change, parse, shared, shown, split, with_tax


class Parsing(unittest.TestCase):
    def test_decimals(self):
        """`parse` reads amounts with two decimals, one, or none."""
        self.assertEqual(parse("12.34"), 1234)
        self.assertEqual(parse("7.5"), 750)
        self.assertEqual(parse("3"), 300)

    def test_thousands(self):
        """`parse` takes commas between the thousands."""
        self.assertEqual(parse("1,234,567.89"), 123456789)

    def test_signs(self):
        """`parse` reads a sign, and blanks around the amount do not count."""
        self.assertEqual(parse(" -3.05 "), -305)
        self.assertEqual(parse("+3"), 300)

    def test_too_exact(self):
        """`parse` refuses more than two decimals."""
        with self.assertRaises(ValueError):
            parse("1.234")

    def test_no_amount(self):
        """`parse` refuses what is no amount."""
        for text in ("", "abc", "1.", "1.x", ".5", "--"):
            with self.subTest(text), self.assertRaises(ValueError):
                parse(text)


class Showing(unittest.TestCase):
    def test_thousands(self):
        """`shown` puts commas between the thousands and two decimals behind them."""
        self.assertEqual(shown(123456789), "1,234,567.89")

    def test_small(self):
        """`shown` fills small amounts up with zeros."""
        self.assertEqual(shown(5), "0.05")
        self.assertEqual(shown(0), "0.00")

    def test_negative(self):
        """`shown` gives a negative amount with its sign, and the right cents."""
        self.assertEqual(shown(-150), "-1.50")

    def test_there_and_back(self):
        """What `shown` writes, `parse` reads back."""
        for cents in (0, 1, 99, 100, 101, -1, -12345, 10**9):
            self.assertEqual(parse(shown(cents)), cents)


class Splitting(unittest.TestCase):
    def test_larger_first(self):
        """`split` gives the parts that are one cent larger first."""
        self.assertEqual(split(1000, 3), [334, 333, 333])
        self.assertEqual(split(11, 4), [3, 3, 3, 2])

    def test_even(self):
        """`split` gives equal parts where the amount can be divided."""
        self.assertEqual(split(900, 3), [300, 300, 300])
        self.assertEqual(split(7, 1), [7])

    def test_nothing_lost(self):
        """The parts of `split` add up to the amount, also of a negative one."""
        for cents in (-100, -1, 0, 1, 99, 1001):
            self.assertEqual(sum(split(cents, 7)), cents)
            self.assertEqual(len(split(cents, 7)), 7)

    def test_no_part(self):
        """`split` refuses to make no part at all."""
        with self.assertRaises(ValueError):
            split(10, 0)


class Sharing(unittest.TestCase):
    def test_by_weight(self):
        """`shared` divides by weights."""
        self.assertEqual(shared(1000, [1, 3]), [250, 750])

    def test_left_over(self):
        """What `shared` cannot divide goes to the heaviest, and among equals to the first."""
        self.assertEqual(shared(100, [1, 1, 1]), [34, 33, 33])
        self.assertEqual(shared(101, [1, 2, 3]), [16, 34, 51])

    def test_zero_weight(self):
        """A weight of zero gets nothing from `shared`."""
        self.assertEqual(shared(50, [0, 5]), [0, 50])

    def test_refused(self):
        """`shared` refuses weights that are negative or all zero."""
        for weights in ([0, 0], [3, -1]):
            with self.subTest(weights), self.assertRaises(ValueError):
                shared(10, weights)


class Tax(unittest.TestCase):
    def test_half_up(self):
        """`with_tax` rounds half a cent up."""
        self.assertEqual(with_tax(50, 19), 60)
        self.assertEqual(with_tax(250, 7), 268)

    def test_plain(self):
        """`with_tax` adds the tax to the amount."""
        self.assertEqual(with_tax(1000, 20), 1200)
        self.assertEqual(with_tax(1000, 0), 1000)


class Change(unittest.TestCase):
    def test_few_coins(self):
        """`change` pays with the largest coins first."""
        self.assertEqual(change(388), {200: 1, 100: 1, 50: 1, 20: 1, 10: 1, 5: 1, 2: 1, 1: 1})
        self.assertEqual(change(400), {200: 2})

    def test_own_coins(self):
        """`change` takes the coins in any order and names none that it does not use."""
        self.assertEqual(change(30, (1, 25, 10)), {25: 1, 1: 5})
