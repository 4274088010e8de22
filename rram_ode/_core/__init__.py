"""What every layer uses: array types, units, checks, random numbers, complete files."""
