"""Stripe's rail, against the practice emulator over real HTTP."""
