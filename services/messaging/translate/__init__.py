"""From the contracts to the domain and back."""
