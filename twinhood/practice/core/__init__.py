"""The arithmetic of practice: fees, months, cards, signatures, forms. No clock, no network."""
