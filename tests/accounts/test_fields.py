"""What people type about themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.accounts import fields
from banbury.errors import InputError


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "ann@",
        "@example.org",
        "ann@@example.org",
        "ann example@example.org",
        "ann@example.org\n",
        "\u0430nn@example.org",  # a Cyrillic a
        "\uff41nn@example.org",  # a full-width a, which NFKC would turn into ann
        "ann@\u212ae.org",  # the Kelvin sign, which lower() would turn into k
        "ann@-example.org",
        "a" * 65 + "@example.org",
        "a@" + "b." * 200 + "org",
        "<script>@example.org",
        '"ann"@example.org',
    ],
)
def test_no_address(text):
    with pytest.raises(InputError):
        fields.email(text)


@given(st.emails())
def test_an_address_has_one_form(text):
    try:
        address = fields.email(text)
    except InputError:
        return
    assert fields.email(address) == address == address.lower()
    assert address.isascii()


@pytest.mark.parametrize("text", ["", "  ", "a\u202eb", "a\x00b", "a\u2066b", "x" * 101, "\ud800"])
def test_no_name(text):
    with pytest.raises(InputError):
        fields.name(text)


def test_names_of_the_world_are_names():
    for text in ("Ann", "Zoë", "علي", "山田 太郎", "<b>Bobby</b>", "👩\u200d🔬"):
        assert fields.name(f"  {text} ") == text


@pytest.mark.parametrize(
    "text", ["short", "password123", "aaaaaaaaaaaa", "ann@example.org", "x" * 1025, "\ud800" * 12]
)
def test_no_password(text):
    with pytest.raises(InputError):
        fields.password(text, "ann@example.org", "Ann")


def test_a_password_is_the_same_however_it_was_composed():
    assert fields.password("caf\u00e9 au lait") == fields.password("cafe\u0301 au lait")


def test_one_is_found_by_the_words_of_name_and_address():
    found = fields.words("Zoë van Dyk", "z.van@example.org")
    assert {"zoe", "van", "dyk", "z.van@example.org", "example.org"} <= found
