"""What platforms demand of a report, held by their schemas and by readers that others wrote."""

import io
import json
import re
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis.strategies import text
from junitparser import JUnitXml
from markdown_it import MarkdownIt
from tests.platforms import schema_of
from tests.render.verdict.examples import (
    CLEAN,
    FAILED,
    GROWN,
    MACS_GROWN,
    PASSED,
    PULL_REQUEST,
    SKIPPED,
    WARNED,
    WELL,
    verdict,
)
from tests.rows import each_of

from bncalc.budget.verdict import Check, Subject, Verdict
from bncalc.errors import Location, Problem
from bncalc.render.verdict import FORMATS, FormContext, markdown, refused, render
from bncalc.render.verdict.wording import sentence

ODD = 'a,b:c%d|<e>&"f"\n::error::g\x00\x1b[31m-->'


def rendered(format: str, given: Verdict, folder: str = "", *, every: bool = False) -> str:
    return render(format, given, FormContext(io.StringIO(), folder, every))


def odd(name: str) -> Check:
    """Return a failed check with a name that a format may stumble on, wherever one can stand."""
    subject = Subject(name, name, "layer", name)
    place = Location(name, 3, 7)
    return FAILED._replace(budget=name, subject=subject, location=place, message=name)


def many(number: int, check: Check = FAILED) -> Verdict:
    paths = [f"models/{i:05}.yaml" for i in range(number)]
    checks = [
        check._replace(
            subject=Subject(path, path), location=Location(path, 1, 1), value=4_000_001 + i
        )
        for i, path in enumerate(paths)
    ]
    return verdict(*checks)


# JSON


def test_json_lists_findings_and_counts_everything() -> None:
    document = json.loads(rendered("json", PULL_REQUEST))
    assert document["schema"] == "bncalc.check/1"
    assert document["status"] == "fail"
    assert document["summary"] == {
        "models": 3, "checks": 8, "passed": 4, "warned": 1, "failed": 2, "skipped": 1,
    }  # fmt: skip
    assert [check["status"] for check in document["checks"]] == ["fail", "fail", "warn", "skip"]
    assert len(json.loads(rendered("json", PULL_REQUEST, every=True))["checks"]) == 8


def test_json_keeps_integers_of_any_size() -> None:
    value = 2**70 + 1
    (check,) = json.loads(rendered("json", verdict(FAILED._replace(value=value))))["checks"]
    assert check["value"] == value


# GitHub


def commands(report: str) -> list[tuple[str, dict[str, str], str]]:
    """Read workflow commands as GitHub's runner does: split first, unescape then."""
    annotations = []
    for line in report.split("\n"):
        read = re.fullmatch(r"::(error|warning)(?: (.*?))?::(.*)", line)
        if read:
            pairs = [property.partition("=") for property in read[2].split(",")]
            annotations.append(
                (read[1], {key: unescaped(value) for key, _, value in pairs}, unescaped(read[3]))
            )
    return annotations  # fmt: skip


def unescaped(value: str) -> str:
    for sign, code in ((":", "%3A"), (",", "%2C"), ("\r", "%0D"), ("\n", "%0A"), ("%", "%25")):
        value = value.replace(code, sign)
    return value


def test_annotations_stand_on_the_changed_line() -> None:
    first, *_ = commands(rendered("github", PULL_REQUEST, "project"))
    kind, place, message = first
    assert kind == "error"
    assert place == {
        "file": "project/models/mobile/mbv2_x1.yaml",
        "line": "41",
        "col": "10",
        "title": "bncalc BN201 mobile",
    }
    assert message.splitlines()[0] == sentence(GROWN)
    assert "\nfix: head.conv.out <= 1654" in message


def test_a_finding_of_a_whole_file_has_no_line() -> None:
    ((_, place, _),) = commands(
        rendered("github", verdict(FAILED._replace(location=WELL.location)))
    )
    assert set(place) == {"file", "title"}


@each_of([(1, 1), (10, 10), (11, 10), (500, 10)])
def test_annotations_keep_within_githubs_limits(number: int, shown: int) -> None:
    warnings = many(number, WARNED).checks
    annotations = commands(rendered("github", verdict(*many(number).checks, *warnings)))
    errors = [
        place["file"] for kind, place, _ in annotations if kind == "error" and "file" in place
    ]
    assert sum(kind == "error" for kind, _, _ in annotations) == shown
    assert sum(kind == "warning" for kind, _, _ in annotations) == shown
    assert errors[0] == f"models/{number - 1:05}.yaml"  # the worst
    if number > 10:
        assert annotations[9][2] == f"… and {number - 9} more errors, all of them in the log"


@given(text(min_size=1))
def test_no_name_ends_a_command_or_begins_another(name: str) -> None:
    report = rendered("github", verdict(odd(name)))
    begun = [line for line in report.split("\n") if line.lstrip().startswith("::")]
    assert [line.split("::")[1].split()[0] for line in begun] == ["group", "endgroup", "error"]
    ((_, place, message),) = commands(report)
    assert set(place) == {"file", "line", "col", "title"}
    assert sentence(odd(name)) in message


# GitLab


def test_gitlab_gets_an_array_in_its_form() -> None:
    first, *_ = issues = json.loads(rendered("gitlab", PULL_REQUEST, "project"))
    assert len(issues) == 3
    assert [issue["severity"] for issue in issues] == ["major", "major", "minor"]
    assert first["location"] == {
        "path": "project/models/mobile/mbv2_x1.yaml",
        "lines": {"begin": 41},
    }
    assert first["description"] == f"BN201: {sentence(GROWN)}"
    assert rendered("gitlab", CLEAN) == "[]\n"


def test_gitlab_gets_the_layers_of_a_file_without_lines() -> None:
    (issue,) = json.loads(
        rendered("gitlab", verdict(FAILED._replace(location=Location("models/net.onnx"))))
    )
    assert issue["location"] == {"path": "models/net.onnx", "lines": {"begin": 1}}
    assert sentence(FAILED) in issue["description"]
    assert "; head.fc +640,000, head.conv +204,800" in issue["description"]


def test_fingerprints_outlive_numbers_and_lines_and_tell_checks_apart() -> None:
    def fingerprint(check: Check) -> str:
        (single,) = json.loads(rendered("gitlab", verdict(check)))
        return str(single["fingerprint"])

    elsewhere = FAILED.location._replace(line=90, column=2)
    moved = FAILED._replace(value=5_000_000, bound=4_500_000, base=None, location=elsewhere)
    assert fingerprint(moved) == fingerprint(FAILED)
    others = (
        GROWN,
        FAILED._replace(metric="macs"),
        FAILED._replace(budget="other"),
        FAILED._replace(subject=FAILED.subject._replace(scope="layer", path="head")),
        FAILED._replace(location=WELL.location),
    )
    assert len({fingerprint(check) for check in (FAILED, *others)}) == 6


# JUnit


def test_junit_is_read_by_another_parser() -> None:
    root = JUnitXml.fromstring(rendered("junit", PULL_REQUEST).encode())
    (suite,) = list(root)
    assert suite.name == "mobile"
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (8, 2, 0, 1)
    cases = {(case.classname, case.name): case for case in suite}
    failed = cases["models/mobile/mbv2_x1.yaml", "params (BN101)"]
    assert failed.result[0].message == sentence(FAILED)
    assert failed.result[0].type == "BN101"
    assert "fix: head.conv.out <= 1654" in failed.result[0].text
    assert cases["models/mobile/new.yaml", "params growth (BN202)"].is_skipped
    assert cases["models/mobile/tiny.yaml", "params (BN101)"].is_passed
    warned = cases["models/mobile/mbv2_x1.yaml", "MACs (BN101)"]
    assert warned.is_passed
    assert warned.system_out.startswith("warning: MACs")


def test_a_budget_is_a_suite() -> None:
    root = JUnitXml.fromstring(
        rendered("junit", verdict(FAILED, WELL._replace(budget="other"))).encode()
    )
    suites = [(suite.name, suite.tests, suite.failures) for suite in root]
    assert suites == [("mobile", 1, 1), ("other", 1, 0)]


# SARIF


@pytest.fixture(scope="module")
def oasis() -> jsonschema_rs.Draft7Validator:
    """The schema that OASIS published."""
    schema = schema_of("sarif-2.1.0")
    assert "oasis-tcs/sarif-spec" in schema["$id"]
    for part in ("run", "toolComponent"):
        language = schema["definitions"][part]["properties"]["language"]
        language["pattern"] = language["pattern"].replace("]?$", "$")  # a bracket too many
    return jsonschema_rs.Draft7Validator(schema)


@pytest.mark.parametrize(
    "given", [PULL_REQUEST, CLEAN, verdict(odd(ODD)), verdict(), many(300)],
    ids=["pull request", "clean", "odd names", "nothing", "many"],
)  # fmt: skip
def test_sarif_is_what_oasis_says(given: Verdict, oasis: jsonschema_rs.Draft7Validator) -> None:
    log = json.loads(rendered("sarif", given, "project"))
    assert [error.message for error in oasis.iter_errors(log)] == []


def test_the_schema_of_oasis_finds_fault(oasis: jsonschema_rs.Draft7Validator) -> None:
    log = json.loads(rendered("sarif", PULL_REQUEST))
    log["runs"][0]["results"][0]["level"] = "major"
    assert not oasis.is_valid(log)


def test_sarif_leads_to_its_rule_its_model_and_its_budget() -> None:
    (run,) = json.loads(rendered("sarif", PULL_REQUEST, "project"))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    first, *_ = results = run["results"]
    assert len(results) == 3
    assert rules[first["ruleIndex"]] == first["ruleId"] == "BN201"
    ((place,), (budget,)) = first["locations"], first["relatedLocations"]
    assert where(place) == ("project/models/mobile/mbv2_x1.yaml", 41, 10)
    assert where(budget) == ("project/bncalc.budget.yaml", 12, 15)
    assert list(first["partialFingerprints"]) == ["bncalc/v1"]


def where(location: dict[str, Any]) -> tuple[str, int, int]:
    place = location["physicalLocation"]
    region = place["region"]
    return place["artifactLocation"]["uri"], region["startLine"], region["startColumn"]


def test_paths_are_uris_in_sarif() -> None:
    spaced = FAILED._replace(location=Location("./models/a b#1%.yaml", 1, 1))
    log = json.loads(rendered("sarif", verdict(spaced)))
    (place,) = log["runs"][0]["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "models/a%20b%231%25.yaml"


# What cannot be checked


def problems(number: int) -> list[Problem]:
    return [Problem(Location("a,b.yaml", 3 + i, 7), f"{ODD} {i // 2}") for i in range(number)]


def test_problems_are_annotations_within_githubs_limits() -> None:
    told = commands(refused("github", problems(1), "project"))
    place = {"file": "project/a,b.yaml", "line": "3", "col": "7", "title": "bncalc"}
    assert told == [("error", place, problems(1)[0].text)]
    told = commands(refused("github", problems(12), ""))
    assert [kind for kind, _, _ in told] == ["error"] * 10
    assert told[-1][2] == "… and 3 more errors, all of them in the log"


def test_problems_are_issues_errors_and_results(oasis: jsonschema_rs.Draft7Validator) -> None:
    issues = json.loads(refused("gitlab", problems(2), "project"))
    assert issues[1]["location"] == {"path": "project/a,b.yaml", "lines": {"begin": 4}}
    assert len({issue["fingerprint"] for issue in issues}) == 2
    (suite,) = list(JUnitXml.fromstring(refused("junit", problems(2), "").encode()))
    assert (suite.tests, suite.failures, suite.errors) == (2, 0, 2)
    assert [case.result[0].message for case in suite] == [each.text for each in problems(2)]
    log = json.loads(refused("sarif", problems(2), ""))
    assert [error.message for error in oasis.iter_errors(log)] == []
    (run,) = log["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["automationDetails"]["id"].startswith("bncalc/")  # or it would never be closed
    region = run["results"][1]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 4, "startColumn": 7}


# Markdown


def cells_of(markdown: str) -> list[list[str]]:
    """Return the rows of all tables as a parser of GitHub's Markdown sees them."""
    html = MarkdownIt("gfm-like", {"linkify": False}).render(markdown)
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.S)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in rows]


def test_the_mark_comes_first_and_the_verdict_next() -> None:
    mark, headline, *_ = rendered("markdown", PULL_REQUEST).splitlines()
    assert mark == "<!-- bncalc:bncalc.budget.yaml -->"
    assert headline.startswith("### bncalc: FAIL: 2 of 8 checks failed")


def test_the_table_is_a_table_whatever_the_names() -> None:
    rows = cells_of(rendered("markdown", verdict(odd(ODD), WARNED)))
    assert [len(row) for row in rows] == [8, 8, 8]
    base, now, change, limit, used, status = rows[1][2:]
    assert (base, now, change) == ("3,504,872", "4,350,952", "+846,080 (+24.1 %)")
    assert (limit, used, status) == ("4,000,000", "108.8 %", "FAIL")


def test_what_passed_is_folded_away() -> None:
    assert "<summary>2 checks passed, unchanged</summary>" in rendered("markdown", PULL_REQUEST)
    bare = verdict(WELL._replace(base=None), base=None)
    assert "<summary>1 check passed</summary>" in rendered("markdown", bare)


def test_numbers_are_on_the_right() -> None:
    html = MarkdownIt("gfm-like", {"linkify": False}).render(rendered("markdown", PULL_REQUEST))
    assert '<td style="text-align:right">4,350,952</td>' in html


@given(text(min_size=1))
def test_no_name_breaks_out_of_the_mark(name: str) -> None:
    first, *_ = rendered("markdown", verdict(FAILED)._replace(source=name)).splitlines()
    assert first.endswith(" -->")
    assert first.count("--") == 2


def test_of_many_numbers_that_changed_bars_are_drawn_of_the_worst() -> None:
    grown = [
        MACS_GROWN._replace(subject=Subject(f"{i}.yaml", f"model{i}"), base=300_000_000)
        for i in range(8)
    ]
    same = FAILED._replace(subject=Subject("same.yaml", "same"), base=FAILED.value)
    lines = markdown.growth_bars(verdict(same, *grown, FAILED, GROWN))
    title = "models/mobile/mbv2_x1.yaml params"
    assert lines[:2] == [  # 3,504,872 · 24 / 4,350,952 = 19.33
        f"{title}    3,504,872 {'█' * 19}▍",
        f"{' ' * len(title)}    4,350,952 {'█' * 24} +24.1 %",
    ]
    assert [line.split()[0] for line in lines[2::2]] == [f"{i}.yaml" for i in range(7)]


@pytest.mark.parametrize("check", [FAILED, WELL, SKIPPED])
@pytest.mark.parametrize("number", [50, 400, 1000])
def test_a_comment_is_never_too_long_and_says_where_it_was_cut(check: Check, number: int) -> None:
    shown = rendered("markdown", many(number, check))
    size = len(shown.encode())
    mentions = 1 if check.status == "pass" else 2  # in the table, and where it is explained
    whole = all(shown.count(f"models/{i:05}.yaml") >= mentions for i in range(number))
    assert size <= markdown.MOST_BYTES
    assert ("Cut off at 60 kB" in shown) != whole
    assert whole == (number == 50) or number == 400
    assert shown.count("<details>") == shown.count("</details>")


def test_a_comment_that_fills_its_room_to_the_byte_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = rendered("markdown", many(3, FAILED))
    cut = rendered("markdown", many(1000, FAILED))
    (note,) = [line for line in cut.splitlines() if line.startswith("_Cut")]
    room = len(whole.encode()) + len(f"{note}\n\n")
    for most, shown in ((room, False), (room - 1, True)):
        monkeypatch.setattr(markdown, "MOST_BYTES", most)
        assert (note in rendered("markdown", many(3, FAILED))) == shown


# All of them


@each_of(["github", "gitlab", "junit", "sarif"])
def test_a_shipped_model_is_shown_at_the_line_of_its_budget(format: str) -> None:
    subject = Subject("resnet50", "resnet50")
    shipped = FAILED._replace(subject=subject, location=Location("resnet50"), why=None, fixes=None)
    shown = rendered(format, verdict(shipped), "project")
    assert re.search(r"project/bncalc.budget.yaml\D+12\b", shown)
    assert "project/resnet50" not in shown
    if format != "junit":  # which has the model as the class of the case
        assert "resnet50: params 4,350,952 exceeds limit" in shown


@each_of(FORMATS)
def test_odd_names_stay_on_their_line(format: str) -> None:
    plain = FAILED._replace(subject=Subject("a", "a", "layer", "a"), location=Location("a", 3, 7))
    shown = rendered(format, verdict(odd(ODD)))
    assert shown.count("\n") == rendered(format, verdict(plain)).count("\n")
    assert not re.search("[\x00-\x09\x0b-\x1f]", shown)


@each_of(FORMATS)
def test_nothing_checked_is_a_verdict_too(format: str) -> None:
    shown = rendered(format, verdict(base=None))
    empty = {
        "json": '"status": "skip"',
        "gitlab": "[]\n",
        "junit": 'tests="0" failures="0" errors="0" skipped="0"',
        "sarif": '"results": []',
    }
    if format == "concise":  # a line for each check
        assert not shown.strip()
    else:
        assert empty.get(format, "skip: nothing was checked (0 models).") in shown


@each_of(["text", "markdown", "github"])
def test_without_a_base_there_are_no_columns_for_it(format: str) -> None:
    shown = rendered(format, verdict(FAILED._replace(base=None, why=None), base=None))
    assert "Base" not in shown
    assert "Change" not in shown


def test_concise_is_a_line_a_finding_and_silent_when_all_is_well() -> None:
    lines = rendered("concise", PULL_REQUEST).splitlines()
    assert len(lines) == 3
    assert all(re.match(r"models/mobile/mbv2_x1\.yaml:41:10: BN\d+ ", line) for line in lines)
    assert rendered("concise", CLEAN) == ""


# Text


@pytest.mark.parametrize("columns", ["", "40", "80", "120"])
def test_text_never_cuts_a_number(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    shown = rendered("text", PULL_REQUEST)
    for number in ("4,350,952", "846,080", "4,000,000", "311,449,472", "310,000,000", "350,952"):
        assert re.search(rf"(?<![\d,]){number}(?![\d,])", shown)
    assert "…" not in shown
    assert "\nFAIL: " in shown


def test_at_eighty_columns_a_check_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    table = rendered("text", PULL_REQUEST).partition("\nmodels/mobile/new.yaml: ")[0]
    assert max(map(len, table.splitlines())) <= 80
    assert re.search(r"^  params growth +4,350,952 +\+846,080 \(\+24.1 %\) .* FAIL$", table, re.M)


def test_models_where_all_is_well_take_one_line_behind_those_with_findings() -> None:
    lines = rendered("text", PULL_REQUEST).splitlines()
    assert lines.index("models/mobile/mbv2_x1.yaml") < lines.index("models/mobile/new.yaml")
    assert "models/mobile/tiny.yaml  ok: 1 check, at most 30.0 % used" in lines
    every = rendered("text", PULL_REQUEST, every=True).splitlines()
    assert "models/mobile/tiny.yaml" in every


def test_parts_that_passed_are_summed_up() -> None:
    parts = [
        PASSED._replace(subject=Subject("a.yaml", "a", "layer", f"l{i}"), value=i) for i in range(9)
    ]
    bad = parts[0]._replace(status="fail", value=5_000_000)
    lines = rendered("text", verdict(bad, *parts[1:])).splitlines()
    assert "a.yaml, its parts  ok: 8 checks, at most 0.0 % used" in lines
    assert sum("l0: params" in line for line in lines) == 2
