"""Lists of repositories, and names for people."""

import pytest

from banbury.cycle.source.mine.asked import Source, address, name_of, read_list
from banbury.cycle.source.mine.history.opening import local
from banbury.errors import InputError


def test_a_list_names_repositories_with_their_own_dates(tmp_path):
    path = tmp_path / "list"
    path.write_text(
        "# good ones\nhttps://host.example/a/rope\n"
        "/srv/knot since=2023-01-01 limit=5  # a local one\n\n"
    )
    usual = Source("", since="2022-01-01")
    assert list(read_list(path, usual)) == [
        Source("https://host.example/a/rope", "2022-01-01"),
        Source("/srv/knot", "2023-01-01", "", 5),
    ]


@pytest.mark.parametrize("line", ["/a before=2020", "/a limit=many", "/a what"])
def test_a_line_that_is_not_understood_is_named(tmp_path, line):
    path = tmp_path / "list"
    path.write_text(f"/fine\n{line}\n")
    with pytest.raises(InputError, match="line 2"):
        list(read_list(path, Source("")))


def test_a_list_that_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        list(read_list(tmp_path / "none", Source("")))


def test_dates_that_are_none_or_the_wrong_way_round_are_refused():
    with pytest.raises(InputError, match="no date"):
        Source("a", since="yesterday").span  # noqa: B018
    with pytest.raises(InputError, match="no time"):
        Source("a", since="2023-01-01", until="2022-01-01").span  # noqa: B018
    low, high = Source("a", since="1970-01-02", until="1970-01-03").span
    assert (low, high) == (86_400, 2 * 86_400 - 1)


def test_addresses_and_names(tmp_path):
    assert address("https://host.example/a/rope.git/") == "https://host.example/a/rope"
    assert address(f"{tmp_path}/x/..") == str(tmp_path)
    assert name_of("https://host.example/a/rope") == "rope"
    assert name_of("/srv/owner+rope/repo") == "rope"
    (tmp_path / "a" / "rope").mkdir(parents=True)
    pattern = str(tmp_path / "{owner}" / "{name}")
    assert local("https://host.example/a/rope", pattern) == str(tmp_path / "a" / "rope")
    assert local("https://host.example/a/rope.git", pattern) == str(tmp_path / "a" / "rope")
    for other in ("https://host.example/a/knot", "https://a/../..", "https://host.example/../a"):
        assert local(other, pattern) == other
    with pytest.raises(InputError, match="names no place"):
        local("https://host.example/a/rope", "{other}")
