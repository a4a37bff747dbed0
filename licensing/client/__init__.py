"""Asks the gateway whether a licensed agent may run. Standard library and requests; nothing of the platform.

`ensure_feature_license("focus")` at the start of an agent warns or ends the program, as REQUIRE_LICENSE says;
`check_feature_license("focus")` returns a LicenseStatus and decides nothing.
"""

from licensing.client.check import Feature, LicenseStatus, Reason, check_feature_license, ensure_feature_license
from licensing.client.environment import LicenseSettingError

__all__ = [
    "Feature",
    "LicenseSettingError",
    "LicenseStatus",
    "Reason",
    "check_feature_license",
    "ensure_feature_license",
]
