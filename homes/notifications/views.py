"""Pages of a member's notification settings and devices."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from homes.accounts.user_agent import device_name
from homes.decorators import MemberRequest, SignedInRequest, member_required, show_action_errors, sign_in_required
from homes.notifications import tasks
from homes.notifications.actions import add_device, remove_device, update_notice_choice
from homes.notifications.forms import NoticeForm
from homes.notifications.models import NoticeChoice, PushSubscription
from homes.notifications.web_push import public_key
from homes.views import last_membership


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def notices(request: MemberRequest) -> HttpResponse:
    choice = NoticeChoice.of(request.member)
    form = NoticeForm(request.POST or None, choice=choice)
    if request.method == "POST" and form.is_valid():
        update_notice_choice(request.member, form.choices, *form.quiet)
        messages.success(request, _("Your notification settings are saved."))
        return redirect("notifications:notices", request.home.pk)
    context = {
        "tab": "home",
        "form": form,
        "key": public_key(),
        "devices": PushSubscription.objects.filter(user=request.user).order_by("-created_at"),
    }
    return render(request, "homes/notices.html", context, status=422 if form.errors else 200)


def notices_url(request: HttpRequest, **kwargs: object) -> str:
    """Return the settings page of the home that was visited last, else the profile page."""
    member = last_membership(request.user, request.session)  # type: ignore[arg-type]  # signed in
    return reverse("notifications:notices", args=[member.home_id]) if member else reverse("homes:profile")


@require_POST
@sign_in_required
@show_action_errors(notices_url)
def add(request: SignedInRequest) -> HttpResponse:
    """Register the browser that sends the request."""
    subscription = [request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")]
    add_device(request.user, *subscription, name=device_name(request.headers.get("User-Agent", "")))
    messages.success(request, _("Notifications are on for this device."))
    return redirect(notices_url(request))


@require_POST
@sign_in_required
def test(request: SignedInRequest, device_id: UUID) -> HttpResponse:
    device = get_device(request, device_id)
    tasks.test_device.delay(str(device.pk))
    messages.success(request, _("A test notification is on its way to “%(device)s”.") % {"device": device})
    return redirect(notices_url(request))


@require_POST
@sign_in_required
def forget(request: SignedInRequest, device_id: UUID) -> HttpResponse:
    device = get_device(request, device_id)
    remove_device(device)
    messages.success(request, _("Notifications are off for “%(device)s”.") % {"device": device})
    return redirect(notices_url(request))


def get_device(request: SignedInRequest, device_id: UUID) -> PushSubscription:
    return get_object_or_404(PushSubscription, pk=device_id, user=request.user)
