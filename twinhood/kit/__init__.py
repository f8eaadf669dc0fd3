"""kit: the ground that every room stands on.

Owns      base templates, design tokens, components, form markup; money, dates and translated text;
          what every request passes.
Door      `money.format_money`, `money.parse_minor`, `fields.LocalTextField`, `http.public`,
          `clock.now`, `above.Above`, the template tags of `{% load kit %}`, the shapes of
          `components`.
Promises  amounts are whole minor units and are rounded nowhere else; no page loads anything from
          another host; an answer is private unless its view says that it is public.
Imports   nothing of ours.
"""
