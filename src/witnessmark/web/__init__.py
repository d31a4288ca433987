"""The desk in the browser: another face of the desk that the command line works at, without decisions.

It listens on loopback only. The desk is at `localhost`; collected bytes come from `127.0.0.1`, which to a
browser is someone else. What people may do stands in one table (`endpoints.py`).
"""

from witnessmark.web.roles import Role

__all__ = ["Role"]
