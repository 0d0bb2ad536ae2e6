"""The application: every module of `pages` and `api`, behind the guard."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

from litestar import Litestar, Router
from litestar.config.app import AppConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.template import TemplateConfig
from litestar.types import Method

from banbury import __version__
from banbury.accounts import Accounts
from banbury.accounts.oidc import Oidc
from banbury.accounts.oidc import configured as provider
from banbury.arena.live import Stage
from banbury.errors import BanburyError
from banbury.people.cases import Devices
from banbury.people.offers import Live
from banbury.store import House
from banbury.web import api, bodies, files, pages, troubles
from banbury.web.api.prediction import Reports
from banbury.web.context import DEPENDENCIES
from banbury.web.guard import guard, may, undeclared
from banbury.web.headers import guarded
from banbury.web.jobs.forms import Forms
from banbury.web.jobs.hub import Hub
from banbury.web.judges import Judges
from banbury.web.origin import Origins, configured
from banbury.web.receiving import Receiver
from banbury.web.rendering import engine
from banbury.web.sessions import WhoAsks
from banbury.web.speech import Speech
from banbury.web.tickets import Tickets

THREADS = 24
"""Handlers that wait for the store at one time; a process holds at most 32 connections."""


def make(house: House) -> Litestar:
    """Return the application on an open house, which the caller closes after it.

    Raises:
        InputError: a route declares no permission.
    """
    held, accounts, origins = files.Files(), Accounts(house), Origins(configured())
    settings = provider()
    oidc = Oidc(house, accounts.challenges, settings) if settings else None
    live = Live(house)
    stage, receiver = Stage(), Receiver()
    return Litestar(
        route_handlers=[files.static, *_routes(pages), *_routes(api)],
        guards=[guard],
        middleware=[WhoAsks(accounts, origins)],
        before_send=[guarded],
        dependencies=DEPENDENCIES,
        exception_handlers={
            BanburyError: troubles.expected,
            HTTPException: troubles.refused,
            Exception: troubles.unexpected,
        },
        state=State(
            {
                "house": house,
                "files": held,
                "accounts": accounts,
                "origins": origins,
                "oidc": oidc,
                "stage": stage,
                "receiver": receiver,
                "devices": Devices(house),
                "forms": Forms(),
                "live": live,
                "reports": Reports(house),
                "hub": Hub(),
                "tickets": Tickets(house),
                "judges": Judges(),
                "speech": Speech(),
            }
        ),
        template_config=TemplateConfig(instance=engine(held)),
        openapi_config=OpenAPIConfig(
            title="Banbury",
            version=__version__,
            openapi_router=Router("/api/schema", route_handlers=[], opt=may("see", "schema")),
            render_plugins=[JsonRenderPlugin(path="/")],
            operation_id_creator=_operation,
        ),
        on_app_init=[_declared],
        on_startup=[_threads],
        on_shutdown=[receiver.close, stage.close, live.close, accounts.close],
        request_class=bodies.Asked,
        request_max_body_size=bodies.LARGEST,
        logging_config=None,
    )


def _routes(package: ModuleType) -> Iterator[Any]:
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        yield from importlib.import_module(f"{package.__name__}.{module}").routes


def _operation(handler: HTTPRouteHandler, method: Method, path: Sequence[object]) -> str:
    """Return the name of an operation in the schema: `post_labs_campaigns`."""
    words = [word for word in path if isinstance(word, str) and word != "api"]
    one = "one" if path and not isinstance(path[-1], str) else ""
    return re.sub(r"\W+", "_", "_".join([method.lower(), *words, one])).strip("_")


def _declared(config: AppConfig) -> AppConfig:
    for handler in _handlers(config.route_handlers):
        undeclared(handler)
    return config


def _handlers(found: Sequence[Any]) -> Iterator[BaseRouteHandler]:
    for handler in found:
        if isinstance(handler, BaseRouteHandler):
            yield handler


async def _threads() -> None:
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="banbury-web")
    asyncio.get_running_loop().set_default_executor(pool)
