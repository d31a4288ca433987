"""Suites that authors of plugins inherit, and we with them: what every examiner and collector must keep."""

from witnessmark.testing.collectors import CollectorSuite
from witnessmark.testing.examiners import ExaminerSuite, Sample

__all__ = ["CollectorSuite", "ExaminerSuite", "Sample"]
