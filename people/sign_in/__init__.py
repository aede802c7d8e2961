"""How django-allauth is bent to this house: its adapters, the second factor's middleware, the school's own sign-on."""
