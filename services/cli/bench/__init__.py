"""`recourse bench`: how fast Recourse is, against others doing the same work in the same run."""
