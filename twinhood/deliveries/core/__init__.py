"""Pure rules of orders, approvals and publicity."""
