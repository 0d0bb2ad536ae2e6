import unittest

from satchel.words import counted, indented, initials, listed, shortened, slug, wrapped


class Slugs(unittest.TestCase):
    def test_plain(self):
        """`slug` writes words in lower case with hyphens, and leaves signs out."""
        self.assertEqual(slug("  Hello, World! It's 5 o'clock "), "hello-world-it-s-5-o-clock")

    def test_cut_at_a_word(self):
        """A `slug` that would be too long ends behind a whole word."""
        self.assertEqual(slug("one two three", 9), "one-two")
        self.assertEqual(slug("one two three", 7), "one-two")

    def test_one_long_word(self):
        """`slug` cuts a single word that is longer than the limit."""
        self.assertEqual(slug("abcdefghij", 4), "abcd")

    def test_nothing(self):
        """`slug` of signs alone is empty."""
        self.assertEqual(slug("?!"), "")


class Lists(unittest.TestCase):
    def test_three(self):
        """`listed` sets commas and a word before the last item."""
        self.assertEqual(listed(["a", "b", "c"]), "a, b and c")
        self.assertEqual(listed(["a", "b", "c"], "or"), "a, b or c")

    def test_few(self):
        """`listed` of two items has no comma, and of one or none no word."""
        self.assertEqual(listed(["a", "b"]), "a and b")
        self.assertEqual(listed(["a"]), "a")
        self.assertEqual(listed([]), "")


class Counts(unittest.TestCase):
    def test_one(self):
        """`counted` leaves the noun as it is for one."""
        self.assertEqual(counted(1, "box"), "1 box")
        self.assertEqual(counted(1, "city"), "1 city")

    def test_plain_plural(self):
        """`counted` adds an s, for none as well."""
        self.assertEqual(counted(2, "dog"), "2 dogs")
        self.assertEqual(counted(0, "dog"), "0 dogs")

    def test_es(self):
        """`counted` adds es behind s, x, ch and sh."""
        for noun in ("bus", "box", "match", "dish"):
            self.assertEqual(counted(3, noun), f"3 {noun}es")

    def test_ies(self):
        """`counted` turns y into ies, but not behind a vowel."""
        self.assertEqual(counted(3, "city"), "3 cities")
        self.assertEqual(counted(3, "day"), "3 days")


class Wrapping(unittest.TestCase):
    def test_full_lines(self):
        """`wrapped` fills lines up to the width and not beyond it."""
        self.assertEqual(wrapped("aa bb cc dd", 5), ["aa bb", "cc dd"])
        self.assertEqual(wrapped("aa bb cc dd", 4), ["aa", "bb", "cc", "dd"])

    def test_long_word(self):
        """`wrapped` gives a word that is too long a line of its own."""
        self.assertEqual(wrapped("a bbbbbbbb c", 4), ["a", "bbbbbbbb", "c"])

    def test_nothing(self):
        """`wrapped` of nothing has no lines."""
        self.assertEqual(wrapped("  ", 4), [])


class Shortening(unittest.TestCase):
    def test_fits(self):
        """`shortened` leaves a text that fits."""
        self.assertEqual(shortened("abcdef", 6), "abcdef")

    def test_cut(self):
        """`shortened` ends a text that was cut with three dots, within the length."""
        self.assertEqual(shortened("abcdefgh", 6), "abc...")
        self.assertEqual(shortened("ab cdefgh", 6), "ab...")

    def test_no_room(self):
        """`shortened` gives only dots where there is room for nothing else."""
        self.assertEqual(shortened("abcdef", 3), "...")
        self.assertEqual(shortened("abcdef", 2), "..")


class Names(unittest.TestCase):
    def test_initials(self):
        """`initials` takes the first letters of a name."""
        self.assertEqual(initials("Ada King Lovelace"), "AKL")

    def test_particles(self):
        """`initials` leaves particles in lower case out."""
        self.assertEqual(initials("Vincent van Gogh"), "VG")


class Indenting(unittest.TestCase):
    def test_all_lines(self):
        """`indented` moves every line to the right, and leaves empty ones empty."""
        self.assertEqual(indented("a\n\nb", 2), "  a\n\n  b")

    def test_but_the_first(self):
        """`indented` leaves the first line where it is when it is told so."""
        self.assertEqual(indented("a\nb", first=False), "a\n    b")
