"""The compiled search: kernels for each instruction set, chosen when it runs.

Where it could not be compiled, numpy does the same (`witnessmark.match.index.plain`).
"""
