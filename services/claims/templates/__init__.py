"""What people read of a claim: a sentence a refusal, and a sentence a rule, in English and Chinese."""
