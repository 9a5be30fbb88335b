"""Lesion nature: what density, attenuation, chemical shift and signal say of a bone lesion, each question for itself."""

from service.instruments.lesion_nature.nature import LESION_NATURE

__all__ = ["LESION_NATURE"]
