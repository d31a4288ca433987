"""The compiled chains of estimates.

Where they could not be compiled, numpy does the same, slower (`witnessmark.weigh.estimating.plain`).
"""
