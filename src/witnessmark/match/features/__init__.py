"""Local features: candidates by visual words, and the geometry that makes an answer of them."""
