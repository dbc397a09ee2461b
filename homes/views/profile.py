"""The profile page: name, language, and links to the rest of the account."""

from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homes.accounts.adapter import remember_language
from homes.accounts.forms import ProfileForm
from homes.actions import rename_user
from homes.decorators import SignedInRequest
from homes.views.start import last_membership


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=copy(request.user), initial={"locale": get_language()})
    if request.method == "POST" and form.is_valid():
        user = rename_user(request.user, **form.cleaned_data)
        with override(user.locale):
            messages.success(request, _("Profile saved."))
        response = redirect("homes:profile")
        remember_language(response, user.locale)
        return response
    member = last_membership(request.user, request.session)
    context = {"form": form, "member": member, "home": member and member.home, "tab": "home"}
    return render(request, "homes/profile.html", context, status=422 if form.errors else 200)
