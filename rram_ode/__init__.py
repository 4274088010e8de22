"""A differentiable simulator of analog resistive-memory (RRAM) solvers of the probability-flow ODE."""
