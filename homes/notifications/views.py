"""What one is told while no page is open: of this home, and on which devices."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from homes.decorators import MemberRequest, SignedInRequest, member_required, show_action_errors
from homes.notifications import tasks
from homes.notifications.actions import add_device, choose_notices, forget_device
from homes.notifications.forms import NoticeForm
from homes.notifications.models import NoticeChoice, PushSubscription
from homes.notifications.user_agent import device_name
from homes.notifications.web_push import public_key
from homes.views.start import last_membership


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def notices(request: MemberRequest) -> HttpResponse:
    choice = NoticeChoice.of(request.member)
    form = NoticeForm(request.POST or None, choice=choice)
    if request.method == "POST" and form.is_valid():
        choose_notices(request.member, form.wanted, *form.quiet)
        messages.success(request, _("What you chose is saved."))
        return redirect("notifications:notices", request.home.pk)
    context = {
        "tab": "home",
        "form": form,
        "key": public_key(),
        "devices": PushSubscription.objects.filter(user=request.user).order_by("-created_at"),
    }
    return render(request, "homes/notices.html", context, status=422 if form.errors else 200)


def notices_url(request: HttpRequest, **kwargs: object) -> str:
    """Where one comes from: the page of the home that was looked at last."""
    member = last_membership(request.user, request.session)  # type: ignore[arg-type]  # signed in by then
    return reverse("notifications:notices", args=[member.home_id]) if member else reverse("homes:profile")


@require_POST
@login_required
@show_action_errors(notices_url)
def add(request: SignedInRequest) -> HttpResponse:
    """The browser that asks, with what its push service gave it."""
    said = [request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")]
    add_device(request.user, *said, name=device_name(request.headers.get("User-Agent", "")))
    messages.success(request, _("This device will tell you."))
    return redirect(notices_url(request))


@require_POST
@login_required
def test(request: SignedInRequest, device_id: UUID) -> HttpResponse:
    device = the_device(request, device_id)
    tasks.test_device.delay(str(device.pk))
    messages.success(request, _("A notice is on its way to “%(device)s”.") % {"device": device})
    return redirect(notices_url(request))


@require_POST
@login_required
def forget(request: SignedInRequest, device_id: UUID) -> HttpResponse:
    device = the_device(request, device_id)
    forget_device(device)
    messages.success(request, _("“%(device)s” is told nothing more.") % {"device": device})
    return redirect(notices_url(request))


def the_device(request: SignedInRequest, device_id: UUID) -> PushSubscription:
    return get_object_or_404(PushSubscription, pk=device_id, user=request.user)
