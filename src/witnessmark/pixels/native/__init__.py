"""The sums over pixels, compiled for several instruction sets, the processor asked when it runs.

Where it could not be compiled, numpy does the same (`witnessmark.pixels.plain`).
"""
