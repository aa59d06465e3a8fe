"""Every fault of the matrix, caused for real on a running service and undone again."""

from . import service_faults, storage_faults, upstream_faults

MAKERS = storage_faults.MAKERS | upstream_faults.MAKERS | service_faults.MAKERS
