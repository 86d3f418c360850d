"""`recourse claim`: one claim, from the order to the last cent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import addresses, reader, screen
from services.cli.commands.options import JsonOption, Language, LanguageOption, SystemOption

if TYPE_CHECKING:
    from services.cli.addresses import System
    from services.cli.claim_story import ClaimStory


def claim(
    any_id: Annotated[str, typer.Argument(metavar="ID", help="A claim's id, or that of its order.")],
    language: LanguageOption = Language.EN,
    system: SystemOption = None,
    json_: JsonOption = False,
) -> None:
    """Tell the story of a claim: what happened, what was decided by which rules, what money moved.

    Times on the left are UTC; sentences have them in the marketplace's time zone. For an order's id, all its claims.
    """
    from services.cli.claim_page import page

    found = asyncio.run(_stories(addresses.find(system), any_id))
    if json_:
        screen.write_json([story.to_json() for story in found] if len(found) > 1 else found[0].to_json())
        return
    for number, story in enumerate(found):
        if number:
            screen.write_line("")
        for line in page(story, language.value):
            screen.write_line(line)


async def _stories(system: System, any_id: str) -> Sequence[ClaimStory]:
    from services.cli.claim_story import stories
    from services.cli.policies import catalogue

    async with reader.database(system) as connection:
        return await stories(connection, any_id, catalogue(system))
