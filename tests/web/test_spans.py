import pytest

from banbury.web.rendering import lasting


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(10, "10 s"), (90, "1.5 min"), (1800, "30 min"), (5400, "90 min"), (7200, "2 h"),
     (129_600, "36 h"), (45_000, "12.5 h"), (30 * 86_400, "30 days")],
)  # fmt: skip
def test_a_span_is_said_in_the_unit_that_people_would_use(seconds, said):
    assert lasting(seconds) == said
