"""Findings about rules as JSON documents, each under a published schema in `schemas/`."""

from __future__ import annotations

from plan_rules.cli.documents import VERSION, Document
from plan_rules.rules.analysis import Analysis
from plan_rules.rules.finding import Finding
from plan_rules.rules.witness import Said, Witness


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
