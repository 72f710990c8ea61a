"""Invented worlds whose truth is known, and what the learner makes of them: L1 to L27 (docs/learning.md)."""
