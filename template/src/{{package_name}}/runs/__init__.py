"""Runs: send an experiment's query to the model. Also example code: yours to change."""
