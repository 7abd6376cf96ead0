"""Monitoring: answers become windows, drift, delayed quality, alerts and retraining requests."""
