"""What an agent knows: its blocks, and the passages that it finds again."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from chat.actions import open_assistant
from homes.api.viewsets import HomeViewSet
from homes.events.models import Event
from homes.models import Agent
from pantry.api.pagination import MAX_LIMIT, paginate, paginate_columns, read_limit
from pantry.api.schema import describe
from pixie.actions import (
    correct_passage,
    forget_passage,
    remember_passage,
    share_block,
    unshare_block,
    write_block,
)
from pixie.api import memory_shapes as shapes
from pixie.memory import search
from pixie.models import MemoryBlock, Passage

MEMORY = "Memory"


class MemoryDoor(HomeViewSet):
    scopes = ("read", "chat")

    def the_agent(self, agent_id: UUID) -> Agent:
        return get_object_or_404(Agent, pk=agent_id, home=self.home)


class BlockViewSet(MemoryDoor):
    @describe("What an agent has in mind at all times", tag=MEMORY, pages=shapes.BlockSerializer)
    def list(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        """That of the label `member` is about oneself; those about others nobody else sees."""
        rows = MemoryBlock.objects.of(self.the_agent(agent_id)).visible_to(self.member).prefetch_related("links")
        return paginate(request, rows, ["label", "id"], lambda page: [drawn(block) for block in page])

    @describe("A block", tag=MEMORY, gives=shapes.BlockSerializer)
    def retrieve(self, request: Request, agent_id: UUID, label: str, **kwargs: Any) -> Response:
        return Response(drawn(self.the_block(agent_id, label)))

    @describe(
        "Write another text into a block", tag=MEMORY, takes=shapes.BlockChange, gives=shapes.BlockSerializer,
        refuses=(403, 404, 409), example={"content": "Two cats. Nobody eats pork.", "version": 1},
    )  # fmt: skip
    def partial_update(self, request: Request, agent_id: UUID, label: str, **kwargs: Any) -> Response:
        self.the_block(agent_id, label)
        said = self.validated_body(shapes.BlockChange)
        return Response(drawn(write_block(self.the_agent(agent_id), label, by=self.actor(), **said)))

    @describe("What stood in a block before, the newest first", tag=MEMORY, pages=shapes.BlockPast)
    def history(self, request: Request, agent_id: UUID, label: str, **kwargs: Any) -> Response:
        block = self.the_block(agent_id, label)
        written = Event.objects.filter(home=self.home, subject_id=block.pk, redacted_at=None)
        rows = written.filter(type__in=("memory_block_created", "memory_block_updated"))
        return paginate(request, rows, ["-seq"], lambda page: [_past(event) for event in page])

    @describe(
        "Let another agent read a block, in the place of its own of that label", tag=MEMORY, takes=shapes.NewReader,
        gives=shapes.BlockSerializer, posts=True, example={"agent_id": "0199a1b2-0000-7000-8000-000000000042"},
    )  # fmt: skip
    def share(self, request: Request, agent_id: UUID, label: str, **kwargs: Any) -> Response:
        """A second time it is harmless."""
        block = self.own_block(agent_id, label)
        reader = self.the_agent(self.validated_body(shapes.NewReader)["agent_id"])
        return Response(drawn(share_block(block, reader, by=self.actor())))

    @describe("Let an agent read a block of another's no more", tag=MEMORY, status=204)
    def unshare(self, request: Request, agent_id: UUID, label: str, reader_id: UUID, **kwargs: Any) -> Response:
        unshare_block(self.own_block(agent_id, label), self.the_agent(reader_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def own_block(self, agent_id: UUID, label: str) -> MemoryBlock:
        """What somebody shares with the agent is theirs to share."""
        block = self.the_block(agent_id, label)
        if block._state.adding or block.agent_id != agent_id:
            raise Http404
        return block

    def the_block(self, agent_id: UUID, label: str) -> MemoryBlock:
        agent = self.the_agent(agent_id)
        rows = MemoryBlock.objects.of(agent).visible_to(self.member)
        block: MemoryBlock | None = rows.filter(label=label).first()
        if block is None and label != MemoryBlock.ABOUT_ONE:
            raise Http404
        return block or MemoryBlock(home=self.home, agent=agent, label=label, user=self.user)

    def represent(self, row: MemoryBlock) -> Any:
        return drawn(row)


class PassageViewSet(MemoryDoor):
    @describe("What an agent finds again, the newest first", tag=MEMORY, pages=shapes.PassageSerializer,
              query=shapes.PassageQuery)  # fmt: skip
    def list(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        """With `q` what it is about, the best first, on one page."""
        rows = search.known_to(self.member, agent=self.the_agent(agent_id))
        asked = self.validated_query(shapes.PassageQuery).get("q", "").strip()
        if not asked:
            return paginate_columns(request, rows, ["-said_at", "-id"], shapes.PassageSerializer)
        hits = search.search(rows, self.home, asked, read_limit(request, MAX_LIMIT))
        found = [shapes.PassageSerializer(hit.passage).data for hit in hits]
        return Response({"results": found, "next": None, "previous": None})

    @describe(
        "Tell an agent something to remember", tag=MEMORY, takes=shapes.NewPassage, gives=shapes.PassageSerializer,
        status=201, also={200: shapes.PassageSerializer}, posts=True,
        example={"content": "The plumber is Mr. Somchai, 081 234 5678", "for_home": True},
    )  # fmt: skip
    def create(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        """200 where it was known already, in the same words."""
        agent, said = self.the_agent(agent_id), self.validated_body(shapes.NewPassage)
        alone = None if said.get("for_home") else open_assistant(agent, by=self.actor())
        passage, is_new = remember_passage(
            said["content"], by=self.actor(), channel=alone, agent=agent if alone else None
        )
        return Response(
            shapes.PassageSerializer(passage).data, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        )

    @describe("A passage", tag=MEMORY, gives=shapes.PassageSerializer)
    def retrieve(self, request: Request, agent_id: UUID, passage_id: UUID, **kwargs: Any) -> Response:
        return Response(shapes.PassageSerializer(self.the_passage(agent_id, passage_id)).data)

    @describe(
        "Put a passage right", tag=MEMORY, takes=shapes.PassageChange, gives=shapes.PassageSerializer,
        refuses=(403, 404, 409), example={"content": "The rent is due on the 6th", "version": 1},
    )  # fmt: skip
    def partial_update(self, request: Request, agent_id: UUID, passage_id: UUID, **kwargs: Any) -> Response:
        """From then on it is a note of who changed it. Who may know it stays as it was."""
        passage = correct_passage(
            self.the_passage(agent_id, passage_id), by=self.actor(), **self.validated_body(shapes.PassageChange)
        )
        return Response(self.represent(passage))

    @describe("Have an agent forget something, for good", tag=MEMORY, status=204)
    def destroy(self, request: Request, agent_id: UUID, passage_id: UUID, **kwargs: Any) -> Response:
        forget_passage(self.the_passage(agent_id, passage_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def represent(self, row: Passage) -> Any:
        return shapes.PassageSerializer(row).data

    def the_passage(self, agent_id: UUID, passage_id: UUID) -> Passage:
        found: Passage = get_object_or_404(search.known_to(self.member, agent=self.the_agent(agent_id)), pk=passage_id)
        return found


def drawn(block: MemoryBlock) -> dict[str, Any]:
    is_new = block._state.adding
    return {
        "id": None if is_new else block.pk,
        "label": block.label,
        "user_id": block.user_id,
        "content": block.content,
        "char_limit": block.char_limit,
        "version": 0 if is_new else block.version,
        "agent_id": block.agent_id,
        "is_shared": block.is_shared,
        "shared_with": block.shared_with,
    }


def _past(event: Event) -> dict[str, Any]:
    told = event.data["block"]
    return {
        "seq": event.seq,
        "user_id": event.actor_user_id,
        "agent_id": event.actor_agent_id,
        "content": told["content"],
        "version": told["version"],
        "at": event.moment,
    }
