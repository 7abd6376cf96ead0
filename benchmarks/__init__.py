"""Benchmarks: the bars of the product, each measured by a script that anyone can run with `make bench`."""
