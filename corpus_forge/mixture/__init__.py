"""How much of what: from budgets, weights and what there is to tokens and epochs of each part. docs/mixture.md."""
