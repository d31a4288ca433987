"""Training: from annotated texts to the file of a tagger. It needs JAX (the extra `train`)."""

from __future__ import annotations

from witnessmark.weigh.training.annotated import Annotated
from witnessmark.weigh.training.recurrent import Pace
from witnessmark.weigh.training.train import train

__all__ = ["Annotated", "Pace", "train"]
