"""Small changes of what judges claims and keeps its clocks, each tried against the tests that reach it."""
