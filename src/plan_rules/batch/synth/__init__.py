"""Calls that nobody made, but that look like those people make: for tests and measurements.

The one idea: whole columns are drawn at once from a seed, month by month, so that ten million
calls take seconds and the same seed gives the same calls. It must not know plans or prices,
and nothing of the engine imports it.
"""

from plan_rules.batch.synth.habits import Habits
from plan_rules.batch.synth.population import Population
from plan_rules.batch.synth.writing import customers_path, write_population

__all__ = ["Habits", "Population", "customers_path", "write_population"]
