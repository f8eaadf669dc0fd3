"""A cheque that the bank has cleared."""
