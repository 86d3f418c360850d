"""`recourse performance`: a seller's rates, their days, and the orders behind each number."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import addresses, reader, screen
from services.cli.commands.options import JsonOption, Language, LanguageOption, SystemOption

if TYPE_CHECKING:
    from services.cli.addresses import System
    from services.cli.sellers import SellerReport


def performance(
    seller_id: Annotated[str, typer.Argument(metavar="SELLER", help="A seller's id.")],
    orders: Annotated[
        int,
        typer.Option("--orders", metavar="N", min=1, max=10_000, help="How many are listed behind a number."),
    ] = 20,
    language: LanguageOption = Language.EN,
    system: SystemOption = None,
    json_: JsonOption = False,
) -> None:
    """Show a seller's rates as they are now: target, window, each of its days, and the orders behind each number.

    What was taken back is listed too, and says so; the id in brackets is what the seller contests.
    """
    from services.cli.sellers_page import page

    found = asyncio.run(_report(addresses.find(system), seller_id, orders))
    if json_:
        screen.write_json(found.to_json())
        return
    for line in page(found, language.value):
        screen.write_line(line)


async def _report(system: System, seller_id: str, orders: int) -> SellerReport:
    from services.cli.advance import now_of
    from services.cli.policies import catalogue
    from services.cli.sellers import report

    known = catalogue(system)
    async with reader.database(system) as connection:
        return await report(connection, seller_id, now_of(system), known, orders)
