"""What kind of body an organisation is in law; who may receive what follows from it."""

from enum import StrEnum


class LegalForm(StrEnum):
    LOCAL_GOVERNMENT = "local_government"
    MUNICIPAL_ENTERPRISE = "municipal_enterprise"
    PUBLIC_INSTITUTION = "public_institution"
    CHARITY = "charity"
    ASSOCIATION = "association"
    BUSINESS = "business"
