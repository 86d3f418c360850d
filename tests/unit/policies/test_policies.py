"""The policies that ship, and what is said of one that cannot be used."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.policies import SHIPPED, PolicyError, installed, load, read_policy
from shared.policies.numbers import differences

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
    ("marketplace_id", "zone", "policy_id"),
    [
        ("us", "America/Los_Angeles", "2021-en"),
        ("cn", "Asia/Shanghai", "2021-zh"),
        ("jp", "Asia/Tokyo", "2021-en"),
    ],
)
def test_each_marketplace_has_its_time_zone_and_a_policy_at_any_time(
    marketplace_id: str, zone: str, policy_id: str
) -> None:
    catalogue = load()
    assert catalogue.marketplace(marketplace_id).zone.key == zone
    for year in (1970, 2021, 2999):
        at = datetime(year, 1, 1, tzinfo=UTC)
        assert catalogue.policy_in_force(marketplace_id, at).id == policy_id


@pytest.mark.parametrize(
    ("policy_id", "differs"),
    [
        (
            "2021-zh",
            {
                "messaging.response": ("48h", "72h"),
                "claims.information": ("48h", "72h"),
                "claims.information_silence": ("grant", "investigate"),
            },
        ),
        ("classic", {"claims.answer": ("null", "7d"), "claims.grounds.C6.2": ("true", "false")}),
    ],
)
def test_the_other_policies_differ_from_the_default_where_the_rulebook_says_so_and_nowhere_else(
    policy_id: str, differs: dict[str, tuple[str, str]]
) -> None:
    catalogue = load()
    found = differences(catalogue.policy("2021-en"), catalogue.policy(policy_id))
    assert {each.number.key: (each.first, each.second) for each in found} == differs


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
        ("    C6.5: true\n", "", "claims.grounds", "lacks C6.5"),
        ("C6.5: true", "C6.6: true", "claims.grounds.C6.6", "C6.5"),
        ("C6.5: true", "C6.5: maybe", "claims.grounds.C6.5", "boolean"),
        ("id: 2021-en", "id: 2021-us", "id", "2021-en"),
        ("id: 2021-en", "id: 2021", "id", "string"),
        ("id: 2021-en\n", "", "id", "missing"),
        ("filing_wait_days: 3", "filing_wait_days: 3.5", "claims.filing_wait_days", "integer"),
        ("filing_wait_days: 3", "filing_wait_days: 3d", "claims.filing_wait_days", "integer"),
        ("filing_wait_days: 3", "filing_wait_days: 3651", "claims.filing_wait_days", "less than or equal"),
        ("appeal: 30d", "appeal: null", "claims.appeal", "not a duration"),
        ("appeal: 30d", "appeal: [30d]", "claims.appeal", "not a duration"),
        ("answer: null", "answer: -7d", "claims.answer", "negative"),
        ("answer: null", "answer: never", "claims.answer", "not a duration"),
        ("from: order_date", "from: placement", "orders.ship_confirmation_from", "'order_date'"),
        ("target: 0.01", "target: -0.01", "performance.order_defect_target", "greater than or equal to 0"),
        ("target: 0.01", "target: 1.01", "performance.order_defect_target", "less than or equal to 1"),
        ("target: 0.01", "target: 1%", "performance.order_defect_target", "number"),
        ("target: 0.01", "target: .nan", "performance.order_defect_target", "less than or equal to 1"),
        ("rating_max: 2", "rating_max: 6", "performance.negative_rating_max", "less than or equal to 5"),
        ("messaging:\n", "mesaging:\n", "mesaging", "not a key that is known"),
        ("  reminder: 12h", "# reminder: 12h", "notifications", "dictionary"),
        ("    C6.5: true\n", "    C6.5: true\n    C6.7: true\n", "claims.grounds.C6.7", "C6.5"),
        ("    C6.5: true\n", "    C6.5: true\n    C6.5: false\n", "claims.grounds.C6.5", "twice"),
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
    line = file.read_text(encoding="utf-8").splitlines()[error.line - 1]
    assert why == "missing" or any(part in line for part in error.key.split("."))


def test_the_line_is_that_of_the_key(folder: Path) -> None:
    file = folder / "policies" / "2021-en.yaml"
    change(file, "hold: 30m", "hold: -30m")
    assert refused(folder).line == line_of(file, "hold: -30m")
    change(file, "hold: -30m", "hold: 30m")
    change(file, "  appeal: 30d", "  apeal: 30d")
    error = refused(folder)
    assert (error.key, error.line) == ("claims.apeal", line_of(file, "apeal:"))


def test_what_is_missing_is_missed_on_the_line_of_what_it_belongs_to(folder: Path) -> None:
    file = folder / "policies" / "classic.yaml"
    change(file, "    C6.2: false\n", "")
    error = refused(folder)
    assert (error.file, error.key) == ("policies/classic.yaml", "claims.grounds")
    assert error.line == line_of(file, "grounds:")
    assert error.why == "lacks C6.2"


def test_a_policy_alone_is_read_as_strictly(folder: Path) -> None:
    candidate = folder / "candidate.yaml"
    shutil.copy(folder / "policies" / "classic.yaml", candidate)
    with pytest.raises(
        PolicyError, match=r"^candidate.yaml, line 2, id: must be the file's name, candidate$"
    ):
        read_policy(candidate)
    change(candidate, "id: classic", "id: candidate")
    assert read_policy(candidate).claims.answer == timedelta(days=7)
    change(candidate, "answer: 7d", "answer: -7d")
    with pytest.raises(PolicyError, match=r"^candidate.yaml, line 26, claims.answer: is negative"):
        read_policy(candidate)


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
    line = file.read_text(encoding="utf-8").splitlines()[error.line - 1]
    assert any(part in line for part in (*error.key.split("."), "policy:"))


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


# ---------------------------------------------------------------------------------- an installation's own


def test_an_installation_has_the_policies_of_its_own_folder(folder: Path) -> None:
    change(folder / "policies" / "2021-en.yaml", "hold: 30m", "hold: 45m")
    assert installed(folder).policy("2021-en").orders.hold == timedelta(minutes=45)
    assert installed(None).policy("2021-en").orders.hold == timedelta(minutes=30)


def test_nothing_starts_with_a_bad_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder / "policies" / "classic.yaml", "answer: 7d", "answer: soon")
    with pytest.raises(SystemExit) as ended:
        installed(folder)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(
        "recourse: setting RECOURSE_POLICIES: policies/classic.yaml, line 26, claims.answer: is not a duration"
    )
    assert said.endswith(f"(in {folder})\n")


def test_a_folder_that_is_not_there_is_a_bad_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        installed(tmp_path / "nowhere")
    assert "there is no policy" in capsys.readouterr().err
