"""Addresses of deliveries: the desk, and the public pages of needs and of things bought."""

from django.urls import path

from twinhood.deliveries import views

app_name = "deliveries"
urlpatterns = [
    path("p/<slug:slug>/units/<slug:code>/", views.unit, name="unit"),
    path("desk/<slug:slug>/orders/", views.orders, name="orders"),
    path("desk/<slug:slug>/orders/new/", views.propose, name="propose"),
    path("desk/<slug:slug>/order-rules/", views.order_rules, name="order_rules"),
    path("desk/<slug:slug>/order-rules/change/", views.propose_rules, name="propose_rules"),
    path("desk/<slug:slug>/order-rules/decision/", views.decide_rules, name="decide_rules"),
    path("desk/<slug:slug>/orders/<int:number>/", views.order, name="order"),
    path("desk/<slug:slug>/needs/<int:number>/comparison/", views.comparison, name="comparison"),
    path(
        "desk/<slug:slug>/needs/<int:number>/comparison/request/",
        views.ask_for_quotes,
        name="ask_for_quotes",
    ),
    path(
        "desk/<slug:slug>/needs/<int:number>/comparison/asked/<int:asked>/",
        views.quote_answer,
        name="quote_answer",
    ),
    path(
        "desk/<slug:slug>/needs/<int:number>/comparison/quotes/<int:quote>/",
        views.quote_terms,
        name="quote_terms",
    ),
    path(
        "desk/<slug:slug>/needs/<int:number>/comparison/rates/<slug:currency>/",
        views.quote_rate,
        name="quote_rate",
    ),
    path("desk/<slug:slug>/orders/<int:number>/edit/", views.edit, name="edit"),
    path("desk/<slug:slug>/orders/<int:number>/approval/", views.approval, name="approval"),
    path(
        "desk/<slug:slug>/orders/<int:number>/approvals.pdf",
        views.approvals_pdf,
        name="approvals_pdf",
    ),
    path("desk/<slug:slug>/orders/<int:number>/refusal/", views.refusal, name="refusal"),
    path("desk/<slug:slug>/orders/<int:number>/exchange/", views.exchange, name="exchange"),
    path(
        "desk/<slug:slug>/orders/<int:number>/invoices/",
        views.record_invoice,
        name="record_invoice",
    ),
    path(
        "desk/<slug:slug>/orders/<int:number>/invoices/<int:invoice>/void/",
        views.void_invoice,
        name="void_invoice",
    ),
    path("desk/<slug:slug>/orders/<int:number>/payments/", views.payments, name="payments"),
    path(
        "desk/<slug:slug>/orders/<int:number>/licence-flag/",
        views.licence_flag,
        name="licence_flag",
    ),
    path(
        "desk/<slug:slug>/orders/<int:number>/licences/",
        views.attach_licence,
        name="attach_licence",
    ),
    path(
        "desk/<slug:slug>/orders/<int:number>/licences/<int:licence>/reading/",
        views.read_licence,
        name="read_licence",
    ),
    path(
        "desk/<slug:slug>/orders/<int:number>/units/<slug:code>/serial/",
        views.serial,
        name="serial",
    ),
    path(
        "desk/<slug:slug>/orders/<int:number>/units/<slug:code>/cancellation/",
        views.cancellation,
        name="cancellation",
    ),
    path(
        "desk/<slug:slug>/orders/<int:number>/units/<slug:code>/credit/",
        views.credit,
        name="credit",
    ),
    path(
        "desk/<slug:slug>/orders/<int:number>/units/<slug:code>/part-credit/",
        views.part_credit,
        name="part_credit",
    ),
    path("desk/<slug:slug>/payees/", views.payees, name="payees"),
    path("desk/<slug:slug>/payees/new/", views.new_payee, name="new_payee"),
    path("desk/<slug:slug>/payees/<int:number>/", views.payee, name="payee"),
    path("desk/<slug:slug>/payees/<int:number>/call/", views.payee_call, name="payee_call"),
    path(
        "desk/<slug:slug>/payees/<int:number>/approval/",
        views.payee_approval,
        name="payee_approval",
    ),
    path("desk/<slug:slug>/payees/<int:number>/stop/", views.payee_stop, name="payee_stop"),
    path("desk/<slug:slug>/screenings/", views.screenings, name="screenings"),
    path("desk/<slug:slug>/screenings/of/<int:organisation>/", views.screen, name="screen"),
    path("desk/<slug:slug>/screenings/<int:screening>/", views.screening, name="screening"),
    path(
        "desk/<slug:slug>/screenings/<int:screening>/decision/",
        views.screening_decision,
        name="screening_decision",
    ),
    path("desk/<slug:slug>/acts/", views.acts, name="acts"),
    path("desk/<slug:slug>/hand-over/", views.hand_over, name="hand_over"),
    path("desk/<slug:slug>/acts/<int:number>/", views.act, name="act"),
    path("desk/<slug:slug>/acts/<int:number>/act.pdf", views.act_pdf, name="act_pdf"),
    path("desk/<slug:slug>/acts/<int:number>/labels.pdf", views.label_sheet, name="act_labels"),
    path("desk/<slug:slug>/acts/<int:number>/signers/", views.signers, name="act_signers"),
    path(
        "desk/<slug:slug>/acts/<int:number>/signers/<int:signer>/",
        views.signing,
        name="act_signing",
    ),
    path(
        "desk/<slug:slug>/acts/<int:number>/signers/<int:signer>/removal/",
        views.taking_off,
        name="act_taking_off",
    ),
    path("desk/<slug:slug>/acts/<int:number>/correction/", views.correction, name="act_correction"),
    path("desk/<slug:slug>/acts/<int:number>/withdrawal/", views.withdrawal, name="act_withdrawal"),
    path("desk/<slug:slug>/acts/<int:number>/scans/", views.scans, name="act_scans"),
    path(
        "desk/<slug:slug>/acts/<int:number>/scans/<int:scan>/witness/",
        views.scan_witness,
        name="act_scan_witness",
    ),
    path(
        "desk/<slug:slug>/acts/<int:number>/confirmation/",
        views.confirmation,
        name="act_confirmation",
    ),
    path(
        "desk/<slug:slug>/acts/<int:number>/offices/<int:place>/signature/",
        views.office_signature,
        name="act_office_signature",
    ),
    path("desk/<slug:slug>/acts/<int:number>/photos/", views.released_photos, name="act_photos"),
    path("desk/<slug:slug>/acts/<int:number>/public-date/", views.public_date, name="public_date"),
    path("desk/<slug:slug>/acts/<int:number>/pull-back/", views.pull_back, name="pull_back"),
]
# A need's public page shows its orders too, so this floor draws it; the table of addresses puts
# it among the needs.
need_urlpatterns = [path("p/<slug:slug>/needs/<int:number>/", views.need, name="need")]
