"""Publish: a brief in which every sentence leads back to sealed bytes, and the package around it."""

from witnessmark.publish.brief import Brief, brief
from witnessmark.publish.dossier import Arrival, Custody, Dossier, Exhibit, Preview

__all__ = ["Arrival", "Brief", "Custody", "Dossier", "Exhibit", "Preview", "brief"]
