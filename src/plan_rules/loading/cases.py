"""Files of cases: facts, and the rules that are expected to fire for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import CatalogInvalid, Issue, PlanRulesError, did_you_mean
from plan_rules.loading.operands import operand
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps, read_yaml_file
from plan_rules.loading.schema import judge
from plan_rules.rules.case import RuleCase
from plan_rules.rules.fact import TAGS, FactSpec, FactType


class NoCases(PlanRulesError, FileNotFoundError):
    """There is no file of cases where one should be."""

    def __init__(self, *, path: Path) -> None:
        """Keep the path."""
        self.path = path
        super().__init__(f"{path} holds no cases; name a YAML file, or a folder of them")


def read_cases(path: Path, *, catalog: Catalog) -> tuple[RuleCase, ...]:
    """Return the cases of a file, or of all YAML files of a folder, in the order of names.

    Raises `NoCases` where there is no file, and `CatalogInvalid` with every issue: facts, words,
    plans and rules that the catalog does not have included.
    """
    files = _files(path)
    if not files or not files[0].exists():
        raise NoCases(path=path)
    cases, issues = _read(files, catalog)
    if any(issue.is_error for issue in issues):
        raise CatalogInvalid(issues)
    return cases


def check_cases(folder: Path, *, catalog: Catalog) -> tuple[Issue, ...]:
    """Return every issue of the cases in a folder; none where there is no such folder."""
    return _read(_files(folder), catalog)[1] if folder.is_dir() else ()


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.yaml")) if path.is_dir() else [path]


def _read(
    files: Iterable[Path], catalog: Catalog
) -> tuple[tuple[RuleCase, ...], tuple[Issue, ...]]:
    cases: list[RuleCase] = []
    issues: list[Issue] = []
    for file in files:
        document, found = read_yaml_file(file, shown_as=file.as_posix())
        issues += found
        if document is None or found:
            continue
        verdict = judge(document, "cases")
        issues += verdict.issues
        if verdict.is_buildable:
            page = Page(document)
            cases += _CasesReader(page, catalog).read()
            issues += page.issues
    return tuple(cases), tuple(issues)


@dataclass(frozen=True, slots=True)
class _CasesReader:
    """Reads the cases of one page for one catalog."""

    page: Page
    catalog: Catalog

    def read(self) -> Iterator[RuleCase]:
        """Yield the cases in order; what is wrong is noted in the page."""
        value = self.page.value
        about = self._rules(value.get("rules", ()), ("rules",))
        given = self._facts(value.get("facts", {}), ("facts",))
        plan = self._plan(value, ())
        names: dict[str, int] = {}
        for index, each in enumerate(value["cases"]):
            path: Steps = ("cases", index)
            name = each["case"]
            if names.setdefault(name, index) != index:
                message = f"two cases are called `{name}`"
                self.page.note("duplicate-id", (*path, "case"), message, hint="rename one of them")
            yield RuleCase(
                name=name,
                fires=self._expected(each["fires"], about, (*path, "fires")),
                codes={
                    **given,
                    **self._facts(each.get("facts", {}), (*path, "facts")),
                    **self._unknown(each.get("unknown", ()), (*path, "unknown")),
                },
                plan=self._plan(each, path) or plan,
                about=about,
                span=self.page.span((*path, "case")),
            )

    def _rules(self, ids: Iterable[str], path: Steps) -> tuple[str, ...]:
        known = [rule.id for rule in self.catalog.rules]
        for index, name in enumerate(ids):
            if name not in known:
                hint = did_you_mean(name, known)
                message = f"the catalog has no rule `{name}`"
                self.page.note("unknown-rule", (*path, index), message, hint=hint)
        return tuple(name for name in ids if name in known)

    def _expected(self, ids: list[str], about: tuple[str, ...], path: Steps) -> tuple[str, ...]:
        for index, name in enumerate(ids):
            if about and name not in about and name in {rule.id for rule in self.catalog.rules}:
                message = f"`{name}` is none of the rules that these cases are about"
                hint = "add it to `rules` at the top of the file"
                self.page.note("unknown-rule", (*path, index), message, hint=hint)
        return self._rules(ids, path)

    def _plan(self, value: Mapping[str, Any], path: Steps) -> str:
        plan = str(value.get("plan", ""))
        if plan and plan not in self.catalog.plans:
            hint = did_you_mean(plan, self.catalog.plans)
            message = f"the catalog has no plan `{plan}`"
            self.page.note("unknown-value", (*path, "plan"), message, hint=hint)
            return ""
        return plan

    def _facts(self, facts: Mapping[str, Any], path: Steps) -> dict[str, int | None]:
        found: dict[str, int | None] = {}
        for name, value in facts.items():
            spec = self._spec(name, (*path, name), at_key=True)
            code = None if spec is None else self._code(spec, value, (*path, name))
            if code is not None:
                found[name] = code
        return found

    def _unknown(self, names: Iterable[str], path: Steps) -> dict[str, int | None]:
        for index, name in enumerate(names):
            spec = self._spec(name, (*path, index), at_key=False)
            if spec is not None and not spec.optional:
                message, hint = f"`{name}` is always known", "say its value under `facts`"
                self.page.note("unknown-value", (*path, index), message, hint=hint)
        return dict.fromkeys(names)

    def _spec(self, name: str, path: Steps, *, at_key: bool) -> FactSpec | None:
        """Return a fact that a case may say, or `None` with an issue."""
        vocabulary = self.catalog.rules.vocabulary
        if name == TAGS:
            message, hint = "tags are set by rules alone", "say the facts that set them"
        elif name in vocabulary:
            return vocabulary[name]
        else:
            message = f"there is no fact `{name}`"
            hint = did_you_mean(name, [spec.name for spec in vocabulary if spec.name != TAGS])
        self.page.note("unknown-fact", path, message, hint=hint, at_key=at_key)
        return None

    def _code(self, spec: FactSpec, value: Any, path: Steps) -> int | None:
        """Return the code of a fact, or `None` with an issue."""
        if spec.type is not FactType.SET:
            return operand(self.page, spec, value, path)
        words = value if isinstance(value, list) else [value]
        places = [operand(self.page, spec, word, (*path, at)) for at, word in enumerate(words)]
        return sum(1 << place for place in {*places} if place is not None)
