"""Intramedullary: what a lesion within the spinal cord may be."""

from service.instruments.intramedullary.label import INTRAMEDULLARY

__all__ = ["INTRAMEDULLARY"]
