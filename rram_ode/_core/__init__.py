"""What every layer shares: array types, units, checks, random streams, whole files."""
