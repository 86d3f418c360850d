"""Turning what a mail tells into a subject, a text and HTML, in a language, a time zone and a currency's form.

One template a mail and language holds its whole sentences; `parts` and `layout` give them the form of a text or
of a page, so the two can't say different things. In the page everything from outside is escaped.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.notifications.domain.mails import Mail
from services.notifications.templates.forms import FILTERS, one_line
from shared.values import dataclass

__all__ = ["Reader", "Rendered", "one_line", "render"]

Form = Literal["txt", "html"]
Language = Literal["en", "zh"]
SUBJECT_CHARACTERS_MAX = 200
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a mail is written: by which name, in which language and time zone, about which order."""

    name: str
    language: Language
    time_zone: str
    order_id: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail as it is read."""

    subject: str
    text: str
    html: str


def render(mail: Mail, reader: Reader) -> Rendered:
    """Write the mail. A template that misses a word raises: it is a bug, and the mail is parked."""
    subject, text = _fill(mail, reader, "txt")
    _, html = _fill(mail, reader, "html")
    return Rendered(one_line(subject)[:SUBJECT_CHARACTERS_MAX], _BLANK_LINES.sub("\n\n", text), html)


def _fill(mail: Mail, reader: Reader, form: Form) -> tuple[str, str]:
    environment = _environment(form, reader.language)
    told = {
        "mail": mail,
        "name": one_line(reader.name),
        "order_id": reader.order_id,
        "time_zone": reader.time_zone,
    }
    template = environment.get_template(f"{reader.language}/{mail.template}.jinja")
    module = template.make_module({**environment.globals, **told}, shared=True)
    return str(getattr(module, "subject")), str(module)  # noqa: B009  the template sets it


@cache
def _environment(form: Form, language: Language) -> Environment:
    """Give every template of a form and a language its parts and words, made once: no mail imports them anew."""
    environment = Environment(
        loader=PackageLoader("services.notifications", "templates"),
        autoescape=form == "html",  # noqa: S701  a text is not markup; a page is escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=200,
    )
    filters: dict[str, Any] = dict(FILTERS)
    environment.filters.update(filters)
    environment.globals.update(language=language, layout=f"layout.{form}.jinja")
    for name in (f"parts.{form}.jinja", f"{language}/_words.jinja"):
        made = vars(environment.get_template(name).module)
        environment.globals.update({key: each for key, each in made.items() if not key.startswith("_")})
    return environment
