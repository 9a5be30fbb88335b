"""One transaction: the repositories that share its connection."""

from sqlalchemy import Connection

from service.storage.answers import Answers
from service.storage.assessments import Assessments
from service.storage.audit import Audit
from service.storage.deliveries import Deliveries
from service.storage.dossiers import Dossiers
from service.storage.jobs import Jobs
from service.storage.provenances import Provenances
from service.storage.receipts import Receipts
from service.storage.releases import Releases


class UnitOfWork:
    """Everything that is read or written in one transaction; what it adds is stored together or not at all.

    Attributes:
        receipts, dossiers, assessments, answers, deliveries, provenances, jobs, audit, releases: the tables of the same names.
    """

    __slots__ = ("answers", "assessments", "audit", "deliveries", "dossiers", "jobs", "provenances", "receipts", "releases")

    def __init__(self, connection: Connection) -> None:
        """Put every repository on this connection, whose transaction somebody else ends."""
        self.receipts = Receipts(connection)
        self.dossiers = Dossiers(connection)
        self.assessments = Assessments(connection)
        self.answers = Answers(connection)
        self.deliveries = Deliveries(connection)
        self.provenances = Provenances(connection)
        self.jobs = Jobs(connection)
        self.audit = Audit(connection)
        self.releases = Releases(connection)
