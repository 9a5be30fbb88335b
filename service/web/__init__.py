"""HTTP surface: parse the request, call pipeline or query, render the answer."""
