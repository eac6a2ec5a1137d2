"""What is allowed: budgets, the models that they are for, and whether those keep them."""
