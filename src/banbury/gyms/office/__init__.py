"""Mail triage, on generated and on real mail."""
