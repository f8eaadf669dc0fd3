"""Addresses of people: our own, and allauth's under the names that it knows them by.

`account_urlpatterns` stands under `account/` without a namespace. Its pages are listed one by one:
there is no password here to set, change or reset, so those pages do not exist.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path

from twinhood.people import views, views_identity

app_name = "people"
kept = views.not_for_personas
fresh = views.fresh_challenge
urlpatterns = [
    path("who/", views.personas, name="personas"),
    path("who/become/", views.become, name="become"),
    path("who/leave/", views.leave, name="leave"),
    path("desk/<slug:slug>/people/", views_identity.people, name="people"),
    path("desk/<slug:slug>/people/<int:person>/", views_identity.check, name="check"),
    path("account/second-factor/", views.second_factor, name="second_factor"),
]
account_urlpatterns = [
    # Asking for a code and signing in are one page under allauth's two names.
    path("login/", account.login, name="account_login"),
    path("login/", account.login, name="account_request_login_code"),
    path("login/code/", account.confirm_login_code, name="account_confirm_login_code"),
    path("login/second/", fresh(mfa.authenticate), name="mfa_authenticate"),
    path("login/passkey/", fresh(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("logout/", account.logout, name="account_logout"),
    path("signup/", account.signup, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("confirm-email/", account.email_verification_sent, name="account_email_verification_sent"),
    path("email/", kept(account.email), name="account_email"),
    path("security/", kept(mfa.index), name="mfa_index"),
    path("security/again/", kept(mfa.reauthenticate), name="mfa_reauthenticate"),
    path(
        "security/again/passkey/",
        kept(fresh(webauthn.reauthenticate_webauthn)),
        name="mfa_reauthenticate_webauthn",
    ),
    path("security/app/", kept(totp.activate_totp), name="mfa_activate_totp"),
    path(
        "security/app/removal/",
        kept(totp.deactivate_totp),
        name="mfa_deactivate_totp",
    ),
    path(
        "security/recovery/",
        kept(recovery_codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "security/recovery/new/",
        kept(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "security/recovery/download/",
        kept(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path(
        "security/passkeys/",
        kept(webauthn.list_webauthn),
        name="mfa_list_webauthn",
    ),
    path(
        "security/passkeys/new/",
        kept(fresh(webauthn.add_webauthn)),
        name="mfa_add_webauthn",
    ),
    path(
        "security/passkeys/<int:pk>/",
        kept(webauthn.edit_webauthn),
        name="mfa_edit_webauthn",
    ),
    path(
        "security/passkeys/<int:pk>/removal/",
        kept(webauthn.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
]
