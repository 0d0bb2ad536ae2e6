"""A word with settings becomes an endpoint's policy; a wrong one is told."""

import json

import pytest

from banbury.actors.chat import Sampling
from banbury.actors.open import open_policy
from banbury.errors import InputError

URL = "http://host/v1#m"


def settings(spec, lab, sampling=None):
    with open_policy(spec, lab, sampling) as policy:
        return json.loads(policy.actor.settings)


def test_settings_stand_behind_the_model():
    told = settings(f"{URL}?tools=text&max_tokens=9&temperature=0.5&stop=END&price=2/8/1", None)
    assert told == {
        "sampling": {"max_tokens": 9, "stop": ["END"], "temperature": 0.5},
        "tools": "text",
    }
    assert settings(URL, None) == {"sampling": {"max_tokens": 1024}}
    assert settings(URL, None, Sampling(max_tokens=5)) == {"sampling": {"max_tokens": 5}}


@pytest.mark.parametrize(
    "words",
    [
        "tools=none",
        "max_tokens=many",
        "fly=1",
        "price=2",
        "price=2/8/1/1",
        "price=-1/2",
        "price=a/b",
        "connections=0",
        "rpm=0",
        "timeout=0",
    ],
)
def test_settings_that_cannot_be_used_are_told(words):
    with pytest.raises(InputError):
        settings(f"{URL}?{words}", None)
