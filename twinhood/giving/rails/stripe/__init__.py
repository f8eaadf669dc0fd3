"""Cards and wallets, by Stripe. Its official SDK is behind `client`, and what it says of an object
is read again from Stripe whenever a notice names that object: so neither the order of notices nor
their repetition matters.
"""
