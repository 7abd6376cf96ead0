"""Rollout: versions move to traffic step by step; they advance, hold or roll back on evidence."""
