from banbury.cycle.source.mine.history import Candidate, classify, diff


def test_a_repair_with_a_test_is_a_candidate(sums, opened):
    repository = opened(sums.path)
    (unit,) = repository.units()
    found = classify(unit, repository)
    assert isinstance(found, Candidate), found
    assert found.tests == ("test_sums.py",) and found.source == ("sums.py",)
    assert found.cases == ("test_first_counts",) and "is called a fix" in found.why


def test_the_two_halves_of_a_repair_are_patches(sums, opened):
    repository = opened(sums.path)
    found = classify(next(repository.units()), repository)
    fix, tests = diff(found)
    assert "+    for number in numbers:" in fix and "test_first" not in fix
    assert "+def test_first_counts():" in tests and "numbers[1:]" not in tests
