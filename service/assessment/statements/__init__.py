"""The ordered sayings that every renderer shows: one module for each instrument's words, one for their order."""

from service.assessment.statements.say import say

__all__ = ["say"]
