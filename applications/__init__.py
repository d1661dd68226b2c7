"""A firm applies; the centre decides, holds the notice and pays."""
