"""Findings and coverage of rules as JSON documents, each under a schema in `schemas/`."""

from __future__ import annotations

from collections.abc import Iterable

from plan_rules.assessment.cases import CaseAnswer
from plan_rules.cli.documents import VERSION, Document
from plan_rules.rules.analysis import Analysis
from plan_rules.rules.fact import Vocabulary
from plan_rules.rules.finding import Finding
from plan_rules.rules.gaps import CoverageReport, Gap, LeafReport, RuleReport
from plan_rules.rules.need import Need
from plan_rules.rules.witness import Said, Witness
from plan_rules.rules.written import as_written


def findings_document(analysis: Analysis | None) -> Document:
    """Return findings as JSON, schema `findings.schema.json`, its issues left out.

    Without an analysis, for a catalog with errors, there are none.
    """
    return {
        "version": VERSION,
        "rules": 0 if analysis is None else analysis.rules,
        "findings": [] if analysis is None else [_finding(each) for each in analysis.findings],
        "not_analysed": [] if analysis is None else [rule.id for rule in analysis.left_out],
    }


def _finding(finding: Finding) -> Document:
    return {
        "code": finding.code.value,
        "severity": finding.gravity.value,
        "rules": list(finding.rules),
        "written": [str(span) for span in finding.spans],
        "message": finding.message,
        "hint": finding.hint,
        "witness": None if finding.witness is None else witness_document(finding.witness),
    }


def witness_document(witness: Witness) -> Document:
    """Return a customer told by facts; values are written as in a file, null for unknown."""
    return {
        "facts": [_said(each) for each in witness],
        "fires": list(witness.fires),
        "silent": list(witness.silent),
    }


def _said(said: Said) -> Document:
    return {
        "fact": said.fact.name,
        "value": None if said.code is None else said.value,
        "unit": said.fact.unit,
    }


def coverage_document(
    report: CoverageReport, answers: Iterable[CaseAnswer], *, vocabulary: Vocabulary
) -> Document:
    """Return coverage as JSON, schema `coverage.schema.json`; the percentage is rounded down."""
    return {
        "version": VERSION,
        "fired_rules": report.fired,
        "seen_outcomes": report.seen,
        "possible_outcomes": report.possible,
        "percent": int(report.percent),
        "cases": [_answer(each) for each in answers],
        "rules": [_rule(each, vocabulary) for each in report.rules],
    }


def _answer(answer: CaseAnswer) -> Document:
    return {
        "case": answer.case.name,
        "written": str(answer.case.span),
        "passed": answer.is_passed,
        "fired": list(answer.fired),
        "missing": [{"rule": each.rule.id, "needs": _needs(each.needs)} for each in answer.missing],
        "surplus": [rule.id for rule in answer.surplus],
        "unsaid": list(answer.unsaid),
    }


def _needs(needs: Iterable[Need]) -> list[str]:
    return [each.words() for each in needs]


def _rule(report: RuleReport, vocabulary: Vocabulary) -> Document:
    tried, near = report.tried, report.tried.near
    return {
        "rule": report.rule.id,
        "written": str(report.rule.span),
        "stage": report.rule.stage.value,
        "asked": tried.asked,
        "in_force": tried.in_force,
        "fired": tried.fired,
        "near": None if near is None else {"sheet": near.sheet, "needs": _needs(near.needs)},
        "needed": None if report.needed is None else [_said(each) for each in report.needed],
        "comparisons": [_leaf(each, vocabulary) for each in report.leaves],
    }


def _leaf(leaf: LeafReport, vocabulary: Vocabulary) -> Document:
    return {
        "condition": as_written(leaf.comparison, vocabulary=vocabulary),
        "written": str(leaf.comparison.span),
        "true": leaf.decided.true,
        "false": leaf.decided.false,
        "gaps": [_gap(each) for each in leaf.gaps],
    }


def _gap(gap: Gap) -> Document:
    return {
        "outcome": gap.outcome,
        "possible": gap.is_possible,
        "needed": None if gap.needed is None else [_said(each) for each in gap.needed],
    }
