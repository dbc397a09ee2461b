"""API of agents' memory blocks and passages."""

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
from pixie.api import memory_serializers as serializers
from pixie.memory import search
from pixie.models import MemoryBlock, Passage

MEMORY = "Memory"


class BaseMemoryViewSet(HomeViewSet):
    scopes = ("read", "chat")

    def get_agent(self, agent_id: UUID) -> Agent:
        return get_object_or_404(Agent, pk=agent_id, home=self.home)


class BlockViewSet(BaseMemoryViewSet):
    @describe("List an agent's memory blocks", tag=MEMORY, pages=serializers.BlockSerializer)
    def list(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        """The block `member` is about the caller. Blocks about other members are not visible."""
        rows = MemoryBlock.objects.read_by(self.get_agent(agent_id)).visible_to(self.member).prefetch_related("links")
        return paginate(request, rows, ["label", "id"], lambda page: [block_data(block) for block in page])

    @describe("Get a memory block", tag=MEMORY, gives=serializers.BlockSerializer)
    def retrieve(self, request: Request, agent_id: UUID, label: str, **kwargs: Any) -> Response:
        return Response(block_data(self.get_block(agent_id, label)))

    @describe(
        "Update a memory block", tag=MEMORY, takes=serializers.BlockChange, gives=serializers.BlockSerializer,
        refuses=(403, 404, 409), example={"content": "Two cats. Nobody eats pork.", "version": 1},
    )  # fmt: skip
    def partial_update(self, request: Request, agent_id: UUID, label: str, **kwargs: Any) -> Response:
        self.get_block(agent_id, label)
        data = self.validated_body(serializers.BlockChange)
        return Response(block_data(write_block(self.get_agent(agent_id), label, by=self.actor(), **data)))

    @describe("List the versions of a memory block, newest first", tag=MEMORY, pages=serializers.BlockPast)
    def history(self, request: Request, agent_id: UUID, label: str, **kwargs: Any) -> Response:
        block = self.get_block(agent_id, label)
        events = Event.objects.filter(home=self.home, subject_id=block.pk, redacted_at=None)
        rows = events.filter(type__in=("memory_block_created", "memory_block_updated"))
        return paginate(request, rows, ["-seq"], lambda page: [_version(event) for event in page])

    @describe(
        "Share a memory block with another agent", tag=MEMORY, takes=serializers.NewReader,
        gives=serializers.BlockSerializer, posts=True, example={"agent_id": "0199a1b2-0000-7000-8000-000000000042"},
    )  # fmt: skip
    def share(self, request: Request, agent_id: UUID, label: str, **kwargs: Any) -> Response:
        """The agent reads it instead of its own block with that label. Idempotent."""
        block, reader = (
            self.get_own_block(agent_id, label),
            self.get_agent(self.validated_body(serializers.NewReader)["agent_id"]),
        )
        return Response(block_data(share_block(block, reader, by=self.actor())))

    @describe("Stop sharing a memory block with an agent", tag=MEMORY, status=204)
    def unshare(self, request: Request, agent_id: UUID, label: str, reader_id: UUID, **kwargs: Any) -> Response:
        unshare_block(self.get_own_block(agent_id, label), self.get_agent(reader_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_own_block(self, agent_id: UUID, label: str) -> MemoryBlock:
        """Return a block of the agent's own. Raises 404 for one that another agent shares with it."""
        block = self.get_block(agent_id, label)
        if block._state.adding or block.agent_id != agent_id:
            raise Http404
        return block

    def get_block(self, agent_id: UUID, label: str) -> MemoryBlock:
        agent = self.get_agent(agent_id)
        rows = MemoryBlock.objects.read_by(agent).visible_to(self.member)
        block: MemoryBlock | None = rows.filter(label=label).first()
        if block is None and label != MemoryBlock.MEMBER_LABEL:
            raise Http404
        return block or MemoryBlock(home=self.home, agent=agent, label=label, user=self.user)

    def represent(self, row: MemoryBlock) -> Any:
        return block_data(row)


class PassageViewSet(BaseMemoryViewSet):
    @describe("List or search an agent's passages, newest first", tag=MEMORY, pages=serializers.PassageSerializer,
              query=serializers.PassageQuery)  # fmt: skip
    def list(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        """With `q`, the best matches first, on a single page."""
        rows = search.visible_passages(self.member, agent=self.get_agent(agent_id))
        query = self.validated_query(serializers.PassageQuery).get("q", "").strip()
        if not query:
            return paginate_columns(request, rows, ["-said_at", "-id"], serializers.PassageSerializer)
        hits = search.search(rows, self.home, query, read_limit(request, MAX_LIMIT))
        results = [serializers.PassageSerializer(hit.passage).data for hit in hits]
        return Response({"results": results, "next": None, "previous": None})

    @describe(
        "Add a passage to an agent's memory", tag=MEMORY,
        takes=serializers.NewPassage, gives=serializers.PassageSerializer,
        status=201, also={200: serializers.PassageSerializer}, posts=True,
        example={"content": "The plumber is Mr. Somchai, 081 234 5678", "for_home": True},
    )  # fmt: skip
    def create(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        """Returns 200 if it is already known in the same words."""
        agent, data = self.get_agent(agent_id), self.validated_body(serializers.NewPassage)
        private_chat = None if data.get("for_home") else open_assistant(agent, by=self.actor())
        passage, is_new = remember_passage(
            data["content"], by=self.actor(), channel=private_chat, agent=agent if private_chat else None
        )
        return Response(
            serializers.PassageSerializer(passage).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )

    @describe("Get a passage", tag=MEMORY, gives=serializers.PassageSerializer)
    def retrieve(self, request: Request, agent_id: UUID, passage_id: UUID, **kwargs: Any) -> Response:
        return Response(serializers.PassageSerializer(self.get_passage(agent_id, passage_id)).data)

    @describe(
        "Correct a passage", tag=MEMORY, takes=serializers.PassageChange, gives=serializers.PassageSerializer,
        refuses=(403, 404, 409), example={"content": "The rent is due on the 6th", "version": 1},
    )  # fmt: skip
    def partial_update(self, request: Request, agent_id: UUID, passage_id: UUID, **kwargs: Any) -> Response:
        """The passage becomes a note by the caller. Its audience does not change."""
        passage = correct_passage(
            self.get_passage(agent_id, passage_id), by=self.actor(), **self.validated_body(serializers.PassageChange)
        )
        return Response(self.represent(passage))

    @describe("Delete a passage permanently", tag=MEMORY, status=204)
    def destroy(self, request: Request, agent_id: UUID, passage_id: UUID, **kwargs: Any) -> Response:
        forget_passage(self.get_passage(agent_id, passage_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def represent(self, row: Passage) -> Any:
        return serializers.PassageSerializer(row).data

    def get_passage(self, agent_id: UUID, passage_id: UUID) -> Passage:
        passage: Passage = get_object_or_404(
            search.visible_passages(self.member, agent=self.get_agent(agent_id)), pk=passage_id
        )
        return passage


def block_data(block: MemoryBlock) -> dict[str, Any]:
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


def _version(event: Event) -> dict[str, Any]:
    block = event.data["block"]
    return {
        "seq": event.seq,
        "user_id": event.actor_user_id,
        "agent_id": event.actor_agent_id,
        "content": block["content"],
        "version": block["version"],
        "at": event.moment,
    }
