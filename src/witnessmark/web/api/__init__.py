"""The interface for programs: what the pages tell and take, as JSON, described by itself (OpenAPI 3.1).

A program comes in by a token in a header, never by a cookie. It acts in the name of the token's owner.
"""
