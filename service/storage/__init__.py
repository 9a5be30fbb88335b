"""The database: receipts, dossiers, assessments, jobs, audit facts and releases."""
