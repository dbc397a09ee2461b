"""The daily deletion of files that nothing needs any more."""

from celery import shared_task
from django.utils import timezone

from homes.files.deletion import delete_old_files


@shared_task(name="homes.tidy_files")
def tidy_files() -> None:
    delete_old_files(timezone.now())
