"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.cli.addresses import SETTING

SystemOption = Annotated[
    Path | None,
    typer.Option(
        "--system",
        envvar=SETTING,
        metavar="PATH",
        help="The ready file of the system. By default that of the first `up` of this checkout.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write the result as JSON.")]


class Language(StrEnum):
    """In which language rules are explained."""

    EN = "en"
    ZH = "zh"


LanguageOption = Annotated[Language, typer.Option("--language", help="The language of explanations.")]
