"""Access tokens of API callers: signature, claims and the registration they belong to (SMART Backend Services, resource server)."""
