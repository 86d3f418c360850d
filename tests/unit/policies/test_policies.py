"""The policies that ship, and what is said of one that cannot be used."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.policies import SHIPPED, PolicyError, load

BEGIN_2025_IN_UTC = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "policies", ignore=shutil.ignore_patterns("*.py", "__*")))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def line_of(file: Path, text: str) -> int:
    return next(n for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if text in line)


def refused(folder: Path) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        load(folder)
    return caught.value


def test_the_default_policy_has_the_numbers_of_the_rulebook() -> None:
    policy = load().policy("2021-en")
    assert policy.commands.ahead == timedelta(minutes=1)
    assert policy.orders.hold == timedelta(minutes=30)
    assert policy.orders.verification == timedelta(days=21)
    assert policy.orders.ship_confirmation == timedelta(days=30)
    assert policy.orders.ship_confirmation_from == "order_date"
    assert policy.orders.ship_confirmation_settle == timedelta(minutes=10)
    assert policy.orders.ship_by_warning == timedelta(days=7)
    assert policy.orders.ship_date_after_scan == timedelta(days=1)
    assert policy.messaging.response == policy.messaging.resolution == timedelta(hours=48)
    assert policy.claims.contact_wait == policy.claims.information == timedelta(hours=48)
    assert (policy.claims.filing_wait_days, policy.claims.filing_window_days) == (3, 90)
    assert policy.claims.information_silence == "grant"
    assert policy.claims.appeal == timedelta(days=30)
    assert dict(policy.claims.grounds) == dict.fromkeys(("C6.1", "C6.2", "C6.3", "C6.4", "C6.5"), True)
    assert policy.notifications.reminder == timedelta(hours=12)


@pytest.mark.parametrize(
    ("marketplace_id", "zone"), [("us", "America/Los_Angeles"), ("cn", "Asia/Shanghai"), ("jp", "Asia/Tokyo")]
)
def test_each_marketplace_has_its_time_zone_and_a_policy_at_any_time(marketplace_id: str, zone: str) -> None:
    catalogue = load()
    assert catalogue.marketplace(marketplace_id).zone.key == zone
    for year in (1970, 2021, 2999):
        at = datetime(year, 1, 1, tzinfo=UTC)
        assert catalogue.policy_in_force(marketplace_id, at).id == "2021-en"


def test_an_unknown_marketplace_is_known_to_be_so() -> None:
    assert load().knows_marketplace("us")
    assert not load().knows_marketplace("mars")


def test_what_is_loaded_cannot_be_changed() -> None:
    policy = load().policy("2021-en")
    with pytest.raises(ValidationError):
        policy.orders.hold = timedelta()  # type: ignore[misc]


def test_policies_follow_one_another_by_the_days_of_the_marketplace(folder: Path) -> None:
    first = (folder / "policies" / "2021-en.yaml").read_text(encoding="utf-8")
    (folder / "policies" / "next.yaml").write_text(first.replace("id: 2021-en", "id: next"), encoding="utf-8")
    change(
        folder / "marketplaces.yaml",
        "- policy: 2021-en\n",
        "- {policy: 2021-en, to: 2024-12-31}\n    - {policy: next, from: 2025-01-01}\n",
    )
    catalogue = load(folder)
    midnight_in_los_angeles = BEGIN_2025_IN_UTC + timedelta(hours=8)
    just_before = midnight_in_los_angeles - timedelta(microseconds=1)
    assert catalogue.policy_in_force("us", just_before).id == "2021-en"
    assert catalogue.policy_in_force("us", midnight_in_los_angeles).id == "next"


def test_a_day_without_a_policy_is_judged_by_the_last_before_it_or_by_the_first(folder: Path) -> None:
    first = (folder / "policies" / "2021-en.yaml").read_text(encoding="utf-8")
    (folder / "policies" / "next.yaml").write_text(first.replace("id: 2021-en", "id: next"), encoding="utf-8")
    change(
        folder / "marketplaces.yaml",
        "- policy: 2021-en\n",
        "- {policy: next, from: 2025-01-01, to: 2025-01-31}\n"
        "    - {policy: 2021-en, from: 2021-01-01, to: 2024-01-31}\n",
    )
    catalogue = load(folder)
    in_force = {
        year: catalogue.policy_in_force("us", datetime(year, 6, 1, tzinfo=UTC)).id
        for year in range(2020, 2027)
    }
    assert in_force == {
        2020: "2021-en", 2021: "2021-en", 2022: "2021-en", 2023: "2021-en", 2024: "2021-en",
        2025: "next", 2026: "next",
    }  # fmt: skip


# ------------------------------------------------------------------------------------------ bad policies


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ("hold: 30m", "hold: -30m", "orders.hold", "negative"),
        ("hold: 30m", "hold: 30", "orders.hold", "30m, 48h, 9d or ISO 8601"),
        ("hold: 30m", "hold: soon", "orders.hold", "not a duration"),
        ("hold: 30m", "hold: 4000d", "orders.hold", "longer than 3650 days"),
        ("hold: 30m", "hold: P", "orders.hold", "not a duration"),
        ("hold: 30m", "hold: -PT30M", "orders.hold", "negative"),
        ("appeal: 30d", "appeal: 30d\n  apeal: 31d", "claims.apeal", "not a key that is known"),
        ("appeal: 30d", "appeal: 30d\n  appeal: 31d", "claims.appeal", "twice"),
        ("  appeal: 30d                       # C11, C13\n", "", "claims.appeal", "missing"),
        ("filing_wait_days: 3", "filing_wait_days: -3", "claims.filing_wait_days", "greater than or equal"),
        ("filing_wait_days: 3", "filing_wait_days: true", "claims.filing_wait_days", "integer"),
        ("information_silence: grant", "information_silence: deny", "claims.information_silence", "grant"),
        ("    C6.5: true\n", "", "claims", "lacks C6.5"),
        ("C6.5: true", "C6.6: true", "claims.grounds.C6.6", "C6.5"),
        ("C6.5: true", "C6.5: maybe", "claims.grounds.C6.5", "boolean"),
        ("id: 2021-en", "id: 2021-us", "id", "2021-en"),
    ],
)
def test_a_bad_policy_is_refused_by_file_line_and_key(
    folder: Path, old: str, new: str, key: str, why: str
) -> None:
    file = folder / "policies" / "2021-en.yaml"
    change(file, old, new)
    error = refused(folder)
    assert error.file == "policies/2021-en.yaml"
    assert error.key.startswith(key)
    assert why in error.why
    assert str(error).startswith(f"policies/2021-en.yaml, line {error.line}, {key}")


def test_the_line_is_that_of_the_key(folder: Path) -> None:
    file = folder / "policies" / "2021-en.yaml"
    change(file, "hold: 30m", "hold: -30m")
    assert refused(folder).line == line_of(file, "hold: -30m")
    change(file, "hold: -30m", "hold: 30m")
    change(file, "  appeal: 30d", "  apeal: 30d")
    error = refused(folder)
    assert (error.key, error.line) == ("claims.apeal", line_of(file, "apeal:"))


@pytest.mark.parametrize(
    "second",
    ["{policy: 2021-en, from: 2025-01-01}", "{policy: 2021-en, to: 2021-01-01}", "{policy: 2021-en}"],
)
def test_two_policies_in_force_on_one_day_are_refused(folder: Path, second: str) -> None:
    file = folder / "marketplaces.yaml"
    change(file, "- policy: 2021-en\n", f"- {{policy: 2021-en, from: 2021-01-01}}\n    - {second}\n")
    error = refused(folder)
    assert (error.file, error.key) == ("marketplaces.yaml", "us.policies.1")
    assert error.line == line_of(file, second)
    assert "one day" in error.why


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ("America/Los_Angeles", "America/Atlantis", "us.time_zone", "time zone"),
        ("languages: [en]", "languages: [fr]", "us.languages.0", "'en' or 'zh'"),
        ("languages: [en]", "languages: []", "us.languages", "at least 1"),
        ("policy: 2021-en", "policy: 2031-en", "us.policies.0.policy", "no policies/2031-en.yaml"),
        ("policy: 2021-en", "policy: 2021-en\n      from: soon", "us.policies.0.from", "date"),
        ("policy: 2021-en", "policy: 2021-en\n      from: 2025-02-30", "us.policies.0.from", "day"),
        (
            "- policy: 2021-en",
            "- {policy: 2021-en, from: 2025-01-02, to: 2025-01-01}",
            "us.policies.0",
            "before",
        ),
        ("UPS:", "PONY:", "us.carriers.PONY", "carriers.yaml"),
        ("us:\n", "us: mars\nmars:\n", "us", "valid dictionary"),
    ],
)
def test_a_bad_marketplace_is_refused(folder: Path, old: str, new: str, key: str, why: str) -> None:
    file = folder / "marketplaces.yaml"
    change(file, old, new)
    error = refused(folder)
    assert (error.file, error.key) == ("marketplaces.yaml", key)
    assert why in error.why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("us: [", "not YAML"),
        ("? [a]\n: b", "plain word"),
        ("- us", "mapping"),
        ("&a us: &b\n  x: *b", "nested"),
        ("us: !!python/object:os.system x", "cannot be read"),
    ],
)
def test_a_file_that_says_nothing_of_use_is_refused(folder: Path, text: str, why: str) -> None:
    (folder / "marketplaces.yaml").write_text(text, encoding="utf-8")
    error = refused(folder)
    assert error.file == "marketplaces.yaml"
    assert why in error.why


def test_bytes_that_are_no_text_and_files_that_are_not_there_are_refused(folder: Path) -> None:
    (folder / "carriers.yaml").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in refused(folder).why
    (folder / "carriers.yaml").unlink()
    assert "cannot be read" in refused(folder).why
    shutil.rmtree(folder / "policies")
    assert "no policy" in refused(folder).why


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ("{15}[0-9])", "{15}[0-9]", "UPS.forms.0.pattern", "regular expression"),
        ("?P<checked>[0-9A-Z]", "[0-9A-Z]", "UPS.forms.0", "checked"),
        ("modulus: 10", "modulus: 0", "UPS.forms.0.check.modulus", "greater than"),
    ],
)
def test_a_bad_form_is_refused(folder: Path, old: str, new: str, key: str, why: str) -> None:
    change(folder / "carriers.yaml", old, new)
    error = refused(folder)
    assert error.file == "carriers.yaml"
    assert error.key.startswith(key)
    assert why in error.why
