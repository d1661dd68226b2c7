"""What recognised cases are granted, from which fund, and what was paid."""
