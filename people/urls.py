from django.contrib.auth.views import LogoutView
from django.urls import path

from people.languages import choose_language
from people.views import SignIn

urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("language/", choose_language, name="language"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
]
