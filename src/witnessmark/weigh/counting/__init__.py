"""Counting: what is reported over time, and what can be counted on pictures without counting anyone twice."""
