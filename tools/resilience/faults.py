"""Each fault of the matrix, made for real on a running service, and taken away again."""

from . import service_faults, storage_faults, upstream_faults

MAKERS = storage_faults.MAKERS | upstream_faults.MAKERS | service_faults.MAKERS
