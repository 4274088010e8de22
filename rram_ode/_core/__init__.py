"""Tools of every layer: array types, units, checks, random numbers, complete files."""
