"""Testing: the suites every member of a port must pass, shipped for those who write new members."""
