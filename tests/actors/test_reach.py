"""Which models a member of a lab may name, and where a stage of theirs may send a request."""

import asyncio
import socket

import pytest
from tests.actors.server import Server, completion

from banbury.actors import reach
from banbury.actors.endpoint import EndpointPolicy
from banbury.actors.open import open_policy
from banbury.errors import ActorError, InputError
from banbury.gyms import registry


async def ask(policy):
    gym, skill = registry.skill("reasoning.add")
    task = next(gym.tasks(skill.name, seed=0)).task
    try:
        return await policy.complete([{"role": "user", "content": "hi"}], seed=0, task=task)
    finally:
        await policy.close()


@pytest.fixture
def member(monkeypatch):
    """Be a stage that a member of a lab started."""
    monkeypatch.setenv("BANBURY_REACH", "public")
    for name in ("BANBURY_MODELS", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/v1",
        "http://localhost:5432/v1",
        "http://127.1/v1",
        "http://2130706433/v1",
        "http://0x7f.0.0.1/v1",
        "http://0/v1",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.8/v1",
        "http://172.16.3.4/v1",
        "http://192.168.1.1/v1",
        "http://100.64.0.1/v1",
        "http://224.0.0.1/v1",
        "http://[::1]/v1",
        "http://[::]/v1",
        "http://[fe80::1]/v1",
        "http://[fd00:ec2::254]/v1",
        "http://[::ffff:10.0.0.1]/v1",
        "http://[2002:a9fe:a9fe::1]/v1",
        "http://[64:ff9b::a9fe:a9fe]/v1",
    ],
)
def test_a_member_cannot_name_an_address_within_the_machines_network(member, url):
    with pytest.raises(InputError, match="sk the operator of this machine"):
        EndpointPolicy(url, "m")
    member.setenv("BANBURY_REACH", "")
    assert EndpointPolicy(url, "m")


def test_a_member_may_name_public_addresses_and_what_the_operator_lists(member):
    EndpointPolicy("http://8.8.8.8/v1", "m")
    EndpointPolicy("https://[2606:4700::1111]/v1", "m")
    member.setenv("BANBURY_MODELS", "http://gpu.internal:9 http://127.0.0.1:8000/v1 /opt/models/m")
    EndpointPolicy("http://127.0.0.1:8000/v1", "m")
    for url in ("http://127.0.0.1:8001/v1", "https://127.0.0.1:8000/v1"):
        with pytest.raises(InputError):
            EndpointPolicy(url, "m")
    reach.see_name("/opt/models/m")


def test_behind_a_proxy_only_listed_addresses_may_be_named(member):
    """The proxy resolves the name, and nobody here knows where it leads."""
    member.setenv("http_proxy", "http://127.0.0.1:3128")
    with pytest.raises(InputError, match="proxy"):
        EndpointPolicy("http://vendor.example/v1", "m")
    member.setenv("BANBURY_MODELS", "http://vendor.example")
    EndpointPolicy("http://vendor.example/v1", "m")


@pytest.mark.parametrize("name", ["/etc", "~/.ssh", "../models", "a/../../etc", "./x", "a/b/c"])
def test_a_member_cannot_name_a_folder_of_the_machine(member, name):
    with pytest.raises(InputError, match="no id of the hub"), open_policy(name, None):
        pass
    for good in ("smollm2", "Qwen/Qwen2.5-0.5B-Instruct", "gpt2"):
        reach.see_name(good)


def test_a_name_that_leads_inside_only_when_it_is_used_reaches_nothing(member):
    """Between the look at a name and the connection its owner may change where it leads."""
    real = socket.getaddrinfo
    answers = iter(["8.8.8.8"])

    def changing(host, *args, **named):
        if host == "rebind.example":
            return real(next(answers, "127.0.0.1"), *args, **named)
        return real(host, *args, **named)

    with Server(lambda body, n: (200, completion("secret"))) as server:
        member.setattr(socket, "getaddrinfo", changing)
        policy = EndpointPolicy(f"http://rebind.example:{server.port}/v1", "m", retries=0)

        with pytest.raises(ActorError, match="no address of the public internet"):
            asyncio.run(ask(policy))
        assert not server.requests


def test_a_redirect_is_not_followed(member):
    with Server(lambda body, n: (200, completion("secret"))) as inside:
        where = [("location", inside.url)]
        with Server(lambda body, n: (307, b"", where)) as outside:
            member.setenv("BANBURY_MODELS", outside.url)
            policy = EndpointPolicy(outside.url, "m", retries=0)

            with pytest.raises(ActorError, match="307"):
                asyncio.run(ask(policy))
        assert not inside.requests


def test_a_program_of_a_members_is_held_to_public_addresses(member):
    assert reach.pinned("https://93.184.216.34/a/b") == ("93.184.216.34",)
    with pytest.raises(InputError, match="no address of the public internet"):
        reach.pinned("https://localhost/a/b")
    with pytest.raises(InputError, match="no such host"):
        reach.pinned("https://nothing.invalid/a")
    member.setenv("BANBURY_MODELS", "https://localhost/v1")
    assert reach.pinned("https://localhost/a/b") == ()
    member.setenv("BANBURY_REACH", "")
    assert reach.pinned("https://localhost/a/b") == ()
