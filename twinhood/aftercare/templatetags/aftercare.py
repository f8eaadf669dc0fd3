"""`{% load aftercare %}`: what follow-ups, questions and incidents are called."""

from django import template

from twinhood.aftercare import words
from twinhood.aftercare.models import FollowUp, Incident, Question

register = template.Library()


@register.filter
def fares(follow_up: FollowUp) -> str:
    return str(words.CONDITION[FollowUp.Condition(follow_up.condition)])


@register.filter
def severity(incident: Incident) -> str:
    return str(words.SEVERITY[Incident.Severity(incident.severity)])


@register.filter
def question_state(question: Question) -> str:
    return str(words.QUESTION[Question.State(question.state)])
