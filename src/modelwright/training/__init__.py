"""Training: candidate and snapshot to run; seeds, folds, ensembling, calibration, checkpoints, reproduce."""
