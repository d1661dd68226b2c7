"""Which subsidies exist, who qualifies, and how a firm finds out."""
