"""Claims: the dossier of an order, the decision, the debit, the appeal."""
