"""Simulate analog resistive-memory (RRAM) solvers of the probability-flow ODE."""
