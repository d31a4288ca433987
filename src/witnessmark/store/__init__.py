"""Where a case lies: objects by digest, the custody log, the vault, and a catalog made from them."""

from witnessmark.store.folder import CaseFolder, create_case, open_case

__all__ = ["CaseFolder", "create_case", "open_case"]
