"""Published assessments, one pure file each; an instrument sees only the case."""
