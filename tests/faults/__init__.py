"""Kill web, worker and postmaster with -9 under load, and look whether the money is all there."""
