"""What happens, in order: receive, gather, compute, store, deliver; nothing else knows the order of the stages."""
