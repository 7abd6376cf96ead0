"""Candidates: three designs (baseline, pragmatic, frontier) and the estimator families they are made of."""
