"""Measures, run by `make bench`: the part and its limit interleaved in one run."""
