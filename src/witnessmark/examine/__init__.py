"""Examine: what can be measured on a kept object, and what could not."""
