"""Runs: an experiment's question put to the model. An example, too: yours to change."""
