from django.http import HttpRequest, HttpResponse


def _soon(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse("")


current = lists = list_page = money = _soon
