"""Addresses of people, organisations, tokens and the log."""

from django.urls import path

from accounts.views import audit, drafts, letterheads, organisations, own, people, tokens

app_name = "accounts"
urlpatterns = [
    path("profile/", own.profile, name="profile"),
    path("profile/sign-out-everywhere/", own.sign_out_everywhere, name="sign_out_everywhere"),
    path("profile/invitations/<int:pk>/accept/", own.role_accept, name="role_accept"),
    path("profile/invitations/<int:pk>/decline/", own.role_decline, name="role_decline"),
    path("invitation/<str:key>/<str:token>/", own.invitation, name="invitation"),
    path("drafts/<str:key>/", drafts.draft, name="draft"),
    path("people/", people.user_list, name="user_list"),
    path("people/invite/", people.user_invite, name="user_invite"),
    path("people/<int:pk>/", people.user_detail, name="user_detail"),
    path("people/<int:pk>/deactivate/", people.user_deactivate, name="user_deactivate"),
    path("people/<int:pk>/activate/", people.user_activate, name="user_activate"),
    path("people/<int:pk>/sign-out/", people.user_sign_out, name="user_sign_out"),
    path("roles/<int:pk>/invite-again/", people.invitation_repeat, name="invitation_repeat"),
    path("roles/<int:pk>/take/", people.role_take, name="role_take"),
    path("organisations/", organisations.organisation_list, name="organisation_list"),
    path("organisations/new/", organisations.organisation_new, name="organisation_new"),
    path("organisations/<uuid:pk>/", organisations.organisation_detail, name="organisation_detail"),
    path("organisations/<uuid:pk>/letterhead/", letterheads.letterhead, name="letterhead"),
    path(
        "organisations/<uuid:pk>/letterhead/logo.png",
        letterheads.letterhead_logo,
        name="letterhead_logo",
    ),
    path(
        "organisations/<uuid:pk>/agreements/", organisations.agreement_make, name="agreement_make"
    ),
    path("tokens/", tokens.token_list, name="token_list"),
    path("tokens/new/", tokens.token_new, name="token_new"),
    path("tokens/<uuid:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("audit/", audit.audit_log, name="audit_log"),
    path("audit/verify/", audit.audit_verify, name="audit_verify"),
    path("audit/proof/", audit.audit_proof, name="audit_proof"),
    path("audit/export.csv", audit.audit_csv, name="audit_csv"),
]
