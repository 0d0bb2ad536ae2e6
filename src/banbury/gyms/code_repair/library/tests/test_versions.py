import unittest

from satchel.versions import allows, bumped, is_final, key, newest


class Order(unittest.TestCase):
    def test_numbers(self):
        """Versions are ordered by their numbers and not by their letters."""
        self.assertLess(key("1.9"), key("1.10"))
        self.assertLess(key("1.9.9"), key("2"))

    def test_zeros(self):
        """Zeros at the end of a version do not count."""
        self.assertEqual(key("1.0"), key("1"))
        self.assertEqual(key("v2.1.0"), key("2.1"))
        self.assertNotEqual(key("1.0.1"), key("1.1"))
        self.assertEqual(key("0.0"), key("0"))

    def test_stages(self):
        """Alpha comes before beta, beta before the release candidate, and that before the rest."""
        names = ["1.0a1", "1.0a2", "1.0b1", "1.0rc1", "1.0rc2", "1.0", "1.0.1a1"]
        shuffled = names[::2] + names[1::2]
        self.assertEqual(sorted(shuffled, key=key), names)

    def test_refused(self):
        """`key` refuses what is no version."""
        for text in ("", "x", "1.", "1.0c1", "1.0rc"):
            with self.subTest(text), self.assertRaises(ValueError):
                key(text)


class Newest(unittest.TestCase):
    def test_final(self):
        """`newest` prefers final versions."""
        self.assertEqual(newest(["1.0", "1.2", "1.10", "2.0rc1"]), "1.10")

    def test_early(self):
        """`newest` takes early versions where it is told to, or finds no others."""
        self.assertEqual(newest(["1.0", "2.0rc1"], early=True), "2.0rc1")
        self.assertEqual(newest(["2.0a1", "2.0b1"]), "2.0b1")

    def test_none(self):
        """`newest` of nothing is none."""
        self.assertIsNone(newest([]))

    def test_is_final(self):
        """A version with a letter is not final."""
        self.assertTrue(is_final("1.2"))
        self.assertFalse(is_final("1.2rc1"))
        self.assertFalse(is_final("1.2a3"))


class Rules(unittest.TestCase):
    def test_bounds(self):
        """Bounds with an equals sign hold the bound itself, those without do not."""
        self.assertTrue(allows(">=1.2", "1.2"))
        self.assertTrue(allows("<=1.2", "1.2.0"))
        self.assertFalse(allows(">1.2", "1.2"))
        self.assertFalse(allows("<1.2", "1.2"))
        self.assertTrue(allows(">1.2", "1.2.1"))
        self.assertTrue(allows("<1.2", "1.2rc1"))

    def test_all_parts(self):
        """A version has to meet every part of a rule."""
        rule = ">=1.2, <2, !=1.4"
        found = [v for v in ("1.1", "1.2", "1.4", "1.5", "2.0") if allows(rule, v)]
        self.assertEqual(found, ["1.2", "1.5"])

    def test_exact(self):
        """An exact rule holds for that version alone."""
        self.assertTrue(allows("==1.0", "1.0.0"))
        self.assertFalse(allows("==1.0", "1.0.1"))

    def test_compatible(self):
        """`~=1.4.2` allows later versions of 1.4, and no others."""
        found = [v for v in ("1.4.1", "1.4.2", "1.4.9", "1.5", "2.0") if allows("~=1.4.2", v)]
        self.assertEqual(found, ["1.4.2", "1.4.9"])
        self.assertTrue(allows("~= 1.4", "1.9"))
        self.assertFalse(allows("~=1.4", "2.0"))

    def test_empty(self):
        """An empty rule allows everything, and so does an empty part."""
        self.assertTrue(allows("", "1.0"))
        self.assertTrue(allows(">=1,", "1.0"))

    def test_refused(self):
        """`allows` refuses what is no rule."""
        for rule in ("1.0", "=>1", "~=1"):
            with self.subTest(rule), self.assertRaises(ValueError):
                allows(rule, "1.0")


class Bumping(unittest.TestCase):
    def test_parts(self):
        """`bumped` raises one number and sets those behind it to zero."""
        self.assertEqual(bumped("1.2.3", 0), "2.0.0")
        self.assertEqual(bumped("1.2.3", 1), "1.3.0")
        self.assertEqual(bumped("1.2.3", 2), "1.2.4")

    def test_short(self):
        """`bumped` fills short versions up to three numbers."""
        self.assertEqual(bumped("1.2", 2), "1.2.1")
        self.assertEqual(bumped("2", 0), "3.0.0")
