"""Witnessmark: a verification desk as software."""
