"""The verifier audit: what a judge takes that it should not, and refuses that it should take."""

from banbury.gyms.audit.audit import Audit, Case, Rate, audit

__all__ = ["Audit", "Case", "Rate", "audit"]
