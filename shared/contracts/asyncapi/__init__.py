"""What is generated from the contracts: an AsyncAPI document for each service, and the tables of the docs."""
