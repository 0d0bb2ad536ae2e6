import unittest
from datetime import date

from satchel.dates import (
    age,
    days_in,
    due,
    is_leap,
    is_working,
    months_later,
    quarter,
    working_days,
)

FRIDAY, MONDAY = date(2024, 5, 31), date(2024, 6, 3)


class Years(unittest.TestCase):
    def test_leap(self):
        """Every fourth year is a leap year."""
        self.assertTrue(is_leap(2024))
        self.assertFalse(is_leap(2023))

    def test_centuries(self):
        """Of the full centuries only every fourth is a leap year."""
        self.assertFalse(is_leap(1900))
        self.assertTrue(is_leap(2000))


class Months(unittest.TestCase):
    def test_lengths(self):
        """`days_in` knows how long each month is."""
        lengths = [days_in(2023, month) for month in range(1, 13)]
        self.assertEqual(lengths, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])

    def test_february(self):
        """`days_in` gives February 29 days in a leap year."""
        self.assertEqual(days_in(2024, 2), 29)

    def test_later(self):
        """`months_later` keeps the day and goes over the end of the year."""
        self.assertEqual(months_later(date(2023, 11, 15), 3), date(2024, 2, 15))
        self.assertEqual(months_later(date(2023, 1, 15), 11), date(2023, 12, 15))

    def test_earlier(self):
        """`months_later` goes back for a negative number."""
        self.assertEqual(months_later(date(2024, 1, 10), -1), date(2023, 12, 10))

    def test_last_day(self):
        """`months_later` gives the last day of a month that is too short."""
        self.assertEqual(months_later(date(2024, 1, 31), 1), date(2024, 2, 29))
        self.assertEqual(months_later(date(2024, 3, 31), 1), date(2024, 4, 30))


class Quarters(unittest.TestCase):
    def test_each(self):
        """`quarter` gives the first and the last day of the quarter that holds a date."""
        self.assertEqual(quarter(date(2024, 2, 29)), (date(2024, 1, 1), date(2024, 3, 31)))
        self.assertEqual(quarter(date(2024, 4, 1)), (date(2024, 4, 1), date(2024, 6, 30)))
        self.assertEqual(quarter(date(2024, 9, 30)), (date(2024, 7, 1), date(2024, 9, 30)))

    def test_end_of_the_year(self):
        """The last `quarter` ends with the year."""
        self.assertEqual(quarter(date(2024, 12, 31)), (date(2024, 10, 1), date(2024, 12, 31)))


class Work(unittest.TestCase):
    def test_weekend(self):
        """Nobody works on Saturday and Sunday."""
        self.assertTrue(is_working(FRIDAY))
        self.assertFalse(is_working(date(2024, 6, 1)))
        self.assertFalse(is_working(date(2024, 6, 2)))

    def test_holiday(self):
        """Nobody works on a holiday."""
        self.assertFalse(is_working(MONDAY, [MONDAY]))

    def test_both_ends_count(self):
        """`working_days` counts both ends."""
        self.assertEqual(working_days(FRIDAY, MONDAY), 2)
        self.assertEqual(working_days(MONDAY, MONDAY), 1)

    def test_holidays_do_not_count(self):
        """`working_days` leaves holidays out."""
        self.assertEqual(working_days(date(2024, 5, 27), FRIDAY, {date(2024, 5, 30)}), 4)

    def test_backwards(self):
        """`working_days` finds none where the last day comes before the first."""
        self.assertEqual(working_days(MONDAY, FRIDAY), 0)


class Due(unittest.TestCase):
    def test_over_a_weekend(self):
        """What is `due` one working day after a Friday is due on Monday."""
        self.assertEqual(due(FRIDAY, 1), MONDAY)
        self.assertEqual(due(FRIDAY, 5), date(2024, 6, 7))

    def test_from_a_weekend(self):
        """`due` counts from the next working day where it begins on a weekend."""
        self.assertEqual(due(date(2024, 6, 1), 0), MONDAY)
        self.assertEqual(due(date(2024, 6, 1), 1), date(2024, 6, 4))

    def test_holidays(self):
        """`due` leaves holidays out."""
        self.assertEqual(due(FRIDAY, 1, [MONDAY]), date(2024, 6, 4))


class Ages(unittest.TestCase):
    def test_birthday(self):
        """`age` grows on the birthday and not before."""
        self.assertEqual(age(date(2000, 6, 15), date(2024, 6, 14)), 23)
        self.assertEqual(age(date(2000, 6, 15), date(2024, 6, 15)), 24)

    def test_leap_day(self):
        """Whoever was born on 29 February has a birthday on 1 March in other years."""
        self.assertEqual(age(date(2004, 2, 29), date(2023, 2, 28)), 18)
        self.assertEqual(age(date(2004, 2, 29), date(2023, 3, 1)), 19)
