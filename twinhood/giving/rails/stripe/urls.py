"""Where Stripe sends its notices: an address for a machine, so without a language."""

from django.urls import path

from twinhood.giving.rails.stripe.hooks import hook

machine_urlpatterns = [path("hooks/stripe", hook, name="hook_stripe")]
