"""Signing in and out, and what concerns one's own sign-in: the same paths on both sites. django-allauth asks for some of them
by names of its own (account_login, mfa_...)."""

from django.urls import path

from people.languages import choose_language
from people.views import second_factor, sign_on
from people.views.sign_in import SignIn, SignOut, choose_password

urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("sign-in/", SignIn.as_view(), name="account_login"),
    path("sign-in/code/", second_factor.give_code, name="mfa_authenticate"),
    path("sign-in/again/", second_factor.again_by_password, name="account_reauthenticate"),
    path("sign-in/again/code/", second_factor.again_by_code, name="mfa_reauthenticate"),
    path("language/", choose_language, name="language"),
    path("sign-out/", SignOut.as_view(), name="sign_out"),
    path("your-sign-in/", second_factor.your_sign_in, name="mfa_index"),
    path("your-sign-in/password/", choose_password, name="choose_password"),
    path("your-sign-in/app/", second_factor.set_up, name="mfa_activate_totp"),
    path("your-sign-in/app/remove/", second_factor.take_away, name="mfa_deactivate_totp"),
    path("your-sign-in/recovery-codes/", second_factor.recovery_codes, name="mfa_view_recovery_codes"),
    path("your-sign-in/recovery-codes/new/", second_factor.new_recovery_codes, name="mfa_generate_recovery_codes"),
]
# The learning site's alone.
learning_pages = [
    path("sign-in/school/", sign_on.begin, name="school_sign_on"),
    path("sign-in/school/back/", sign_on.come_back, name="school_sign_on_callback"),
]
