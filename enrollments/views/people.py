"""People and roles, for administrators of schools and districts: who is here, and who is what from when until when."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from database.areas import acting_as
from enrollments.access import administered_places, person_in_reach, wholly_in_reach
from enrollments.actions.admit_student import admit_student
from enrollments.forms import NAMES, AppointForm, CaseForm, EmailForm, EndForm, GuardianForm, NewPersonForm
from enrollments.queries.people_of_schools import PAGE, Held, Person, emails_of, held_by, people_of
from people.access import NotInReach, user_by_username
from people.actions.appoint import MoneyOrLearning, appoint
from people.actions.end_relation import EndRefused, end_relation
from people.actions.give_case import give_cases
from people.actions.give_one_time_secret import DAYS, give_one_time_secret
from people.actions.name_guardian import name_guardian
from people.actions.record_email import EmailRefused, record_email
from people.models import Organization, User
from people.roles import ADMINISTRATORS, COUNSELLOR, GUARDIAN, STUDENT, roles_of

WORDS = 100


@dataclass(frozen=True, slots=True)
class Office:
    """Where the reader administers: `places` with the schools of a district, `keys` their ids."""

    actor_id: int
    places: list[Organization]

    @property
    def keys(self) -> list[int]:
        return [one.pk for one in self.places]


def administrators_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """403 for everybody else; the view is given the Office after the request and runs with the rights of learning. Who is out of
    reach is answered like who is not there."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not roles_of(request).kinds & ADMINISTRATORS:
            raise PermissionDenied
        try:
            with acting_as("area_learning"):
                actor_id = int(request.user.pk or 0)
                return view(
                    request, Office(actor_id, administered_places(actor_id=actor_id, day=timezone.localdate())), *args, **kwargs
                )
        except NotInReach:
            raise Http404 from None

    return answer


@never_cache
@require_http_methods(["GET", "POST"])
@administrators_only
def people_page(request: HttpRequest, office: Office) -> HttpResponse:
    """The people of one's schools, PAGE at a time; `?role=`, `?at=` (a place's uuid). A name is looked for by POST alone, so that
    it stands in no address and no log."""
    role = request.GET.get("role", "") if request.GET.get("role", "") in NAMES else ""
    at = next((one for one in office.places if str(one.uuid) == request.GET.get("at")), None)
    words = request.POST.get("words", "")[:WORDS]
    number = request.GET.get("page", "1") if request.method == "GET" else "1"
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    found = people_of(places=[at.pk] if at else office.keys, day=timezone.localdate(), kind=role, words=words, page=wanted)
    page: Page[Any] = Page(found.people, max(wanted, 1), Paginator(range(found.count), PAGE))
    context = {
        "page": page,
        "people": [(one, [NAMES.get(kind, kind) for kind in sorted(one.kinds)]) for one in found.people],
        "count": found.count,
        "roles": NAMES,
        "role": role,
        "places": office.places,
        "at": at,
        "words": words,
    }
    return render(request, "enrollments/people.html", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@administrators_only
def new_person(request: HttpRequest, office: Office) -> HttpResponse:
    """Somebody who is not on file yet, with a first role and something to sign in with once, shown this once."""
    form = NewPersonForm(request.POST or None, places=office.places, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        if user_by_username(typed["username"]):
            form.add_error("username", _("This name is taken. Choose another, or look the person up."))
        else:
            try:
                with acting_as("area_learning"):
                    person = _put_on_file(typed)
                    record_email(user_id=person.pk, email=typed["email"])
                    return _secret_page(request, office, person)
            except EmailRefused as refused:
                form.add_error("email", str(refused))
    return render(request, "enrollments/new_person.html", {"form": form}, status=422 if form.errors else 200)


def _put_on_file(typed: dict[str, Any]) -> User:
    who = {one: typed[one] for one in ("username", "full_name", "starts_on", "ends_on")}
    if typed["kind"] == STUDENT:
        return admit_student(**who, school=typed["place"], grade=typed["grade"])
    return appoint(**who, kind=typed["kind"], organization=typed["place"])


def _secret_page(request: HttpRequest, office: Office, person: User) -> HttpResponse:
    secret = give_one_time_secret(user_id=person.pk, at=timezone.now(), made_by=office.actor_id)
    return render(request, "enrollments/person_secret.html", {"person": person, "secret": secret, "days": DAYS})


@never_cache
@require_http_methods(["GET"])
@administrators_only
def person_page(request: HttpRequest, office: Office, person: uuid.UUID) -> HttpResponse:
    """One person: what they hold at one's schools, and what can be done about it."""
    return _person_page(request, office, _found(office, person))


def _found(office: Office, person: uuid.UUID) -> Person:
    return person_in_reach(places=office.keys, person=person, day=timezone.localdate())


def _person_page(request: HttpRequest, office: Office, person: Person, refused: Form | None = None) -> HttpResponse:
    day = timezone.localdate()
    held = held_by(person_id=person.id, places=office.keys, day=day)
    start = {"starts_on": day}
    forms: dict[str, Form] = {"appoint": AppointForm(places=office.places, initial=start)}
    if STUDENT in person.kinds:
        forms["guardian"] = GuardianForm(initial=start)
        forms["case"] = CaseForm(initial=start, counsellors=_counsellors(office))
    may_sign_in = person.id != office.actor_id and wholly_in_reach(places=office.keys, person_id=person.id, day=day)
    if may_sign_in:
        forms["email"] = EmailForm(initial={"email": emails_of(person.id)})
    forms |= {name: refused for name, form in forms.items() if type(form) is type(refused) and refused is not None}
    for name, form in forms.items():
        # One page, several forms with fields of the same name.
        form.auto_id = f"id_{name}_%s"
    context = {
        "person": person,
        "names": [NAMES.get(kind, kind) for kind in sorted(person.kinds)],
        "held": [(one, _said(one), _end_form(one, refused)) for one in held],
        "forms": forms,
        "refused": refused,
        "may_sign_in": may_sign_in,
        "day": day,
    }
    return render(request, "enrollments/person.html", context, status=200 if refused is None else 422)


def _said(held: Held) -> str:
    """What is held, in words that stand before the name of the place or the other person."""
    others = {"ward": _("Guardian of"), "guardian": _("Guardian:"), "case": _("Has the case of"), "counsellor": _("Counsellor:")}
    if held.what == "role":
        return str(NAMES.get(held.kind, held.kind))
    return others[held.kind]


def _end_form(held: Held, refused: Form | None) -> Form | None:
    """Where it has no end yet; the refused one again, with what was typed."""
    if held.ends_on is not None:
        return None
    if isinstance(refused, EndForm) and (refused.data.get("what"), refused.data.get("key")) == (held.what, str(held.key)):
        form: Form = refused
    else:
        form = EndForm(initial={"what": held.what, "key": held.key, "ends_on": timezone.localdate()})
    form.auto_id = f"id_{held.what}_{held.key}_%s"
    return form


def _counsellors(office: Office) -> list[tuple[str, str]]:
    found = people_of(places=office.keys, day=timezone.localdate(), kind=COUNSELLOR).people
    return [(str(one.uuid), one.name) for one in found]


@never_cache
@require_POST
@administrators_only
def appoint_person(request: HttpRequest, office: Office, person: uuid.UUID) -> HttpResponse:
    """A further role."""
    found, form = _found(office, person), AppointForm(request.POST, places=office.places)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            appoint(
                username=found.username,
                full_name=found.name,
                kind=typed["kind"],
                starts_on=typed["starts_on"],
                organization=typed["place"],
                ends_on=typed["ends_on"],
            )
            return _done(request, found, _("The appointment is on file."))
        except MoneyOrLearning as refused:
            form.add_error(None, str(refused))
    return _person_page(request, office, found, form)


@never_cache
@require_POST
@administrators_only
def end_held(request: HttpRequest, office: Office, person: uuid.UUID) -> HttpResponse:
    """An end for something that the person holds, or that is held for a student."""
    found, form = _found(office, person), EndForm(request.POST)
    if form.is_valid():
        typed, day = form.cleaned_data, timezone.localdate()
        held = {(one.what, one.key): one for one in held_by(person_id=found.id, places=office.keys, day=day)}
        one = held.get((typed["what"], typed["key"]))
        if one is None:
            raise NotInReach
        if one.what == "role" and found.id == office.actor_id and one.kind in ADMINISTRATORS:
            form.add_error(None, _("Nobody ends the own appointment as administrator. Ask another one."))
        elif one.what == "role" and not one.name and not wholly_in_reach(places=office.keys, person_id=found.id, day=day):
            form.add_error(None, _("This role counts beyond your schools too. Ask the district."))
        else:
            try:
                end_relation(kind=one.what, key=one.key, ends_on=typed["ends_on"])
                return _done(request, found, _("The end is on file."))
            except EndRefused as refused:
                form.add_error("ends_on", str(refused))
    return _person_page(request, office, found, form)


@never_cache
@sensitive_post_parameters()
@require_POST
@administrators_only
def guardian_of(request: HttpRequest, office: Office, person: uuid.UUID) -> HttpResponse:
    """Name a guardian of a student; one who is new here gets something to sign in with once."""
    found, form = _student(office, person), GuardianForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        known = user_by_username(typed["username"])
        if known is None and not typed["full_name"]:
            form.add_error("username", _("Nobody here has this name. For somebody new, fill in the full name as well."))
        elif known is not None and known.pk == found.id:
            form.add_error("username", _("Nobody is their own guardian."))
        else:
            try:
                with acting_as("area_learning"):
                    dates = {"starts_on": typed["starts_on"], "ends_on": typed["ends_on"]}
                    guardian = appoint(username=typed["username"], full_name=typed["full_name"], kind=GUARDIAN, **dates)
                    name_guardian(guardian=guardian, student=User.objects.get(pk=found.id), **dates)
                    if known is None:
                        return _secret_page(request, office, guardian)
                return _done(request, found, _("The guardian is on file."))
            except MoneyOrLearning as refused:
                form.add_error("username", str(refused))
    return _person_page(request, office, found, form)


def _student(office: Office, person: uuid.UUID) -> Person:
    found = _found(office, person)
    if STUDENT not in found.kinds:
        raise NotInReach
    return found


@never_cache
@require_POST
@administrators_only
def case_of(request: HttpRequest, office: Office, person: uuid.UUID) -> HttpResponse:
    """Give a student's case to a counsellor of one's schools."""
    found = _student(office, person)
    form = CaseForm(request.POST, counsellors=_counsellors(office))
    if form.is_valid():
        typed = form.cleaned_data
        counsellor = _found(office, uuid.UUID(typed["counsellor"]))
        if counsellor.id == found.id:
            form.add_error("counsellor", _("Nobody is their own counsellor."))
        else:
            give_cases(counsellor_id=counsellor.id, student_ids=[found.id], starts_on=typed["starts_on"], ends_on=typed["ends_on"])
            return _done(request, found, _("The case is given."))
    return _person_page(request, office, found, form)


@never_cache
@require_POST
@administrators_only
def email_of(request: HttpRequest, office: Office, person: uuid.UUID) -> HttpResponse:
    """The address by which the school's own sign-on finds the person."""
    found, form = _sign_in_of(office, person), EmailForm(request.POST)
    if form.is_valid():
        try:
            record_email(user_id=found.id, email=form.cleaned_data["email"])
            return _done(request, found, _("The address is on file."))
        except EmailRefused as refused:
            form.add_error("email", str(refused))
    return _person_page(request, office, found, form)


def _sign_in_of(office: Office, person: uuid.UUID) -> Person:
    """Of nobody who could open more than one's own schools."""
    found = _found(office, person)
    if found.id == office.actor_id or not wholly_in_reach(places=office.keys, person_id=found.id, day=timezone.localdate()):
        raise NotInReach
    return found


@never_cache
@sensitive_post_parameters()
@require_POST
@administrators_only
def secret_for(request: HttpRequest, office: Office, person: uuid.UUID) -> HttpResponse:
    """A new one-time secret, shown this once; the former password goes on until it is used."""
    found = _sign_in_of(office, person)
    return _secret_page(request, office, User.objects.get(pk=found.id))


def _done(request: HttpRequest, person: Person, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("person", person=person.uuid)
