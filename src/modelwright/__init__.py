"""Modelwright: from a table and a decision to a monitored production model, with evidence."""
