"""What proofs of single leaves call themselves (docs/reference/verify.md)."""

GIFT = "twinhood proof of a gift"
PAPER = "twinhood proof of a paper"
