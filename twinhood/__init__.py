"""Twinhood: sister cities help each other, and anybody can check where each cent went."""

__version__ = "0.1.0"
