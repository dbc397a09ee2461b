from django.apps import AppConfig


class PixieConfig(AppConfig):
    name = "pixie"
