"""Spans that nobody exports: they have the ids that logs and outgoing calls carry, and record nothing."""

from collections.abc import Sequence
from typing import override

from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    NoOpTracer,
    Span,
    SpanContext,
    SpanKind,
    TraceFlags,
    Tracer,
    get_current_span,
)
from opentelemetry.trace import TracerProvider as AnyTracerProvider
from opentelemetry.util.types import Attributes


class UnrecordedTracerProvider(AnyTracerProvider):
    """What a provider without exporters does, without what only exporters would see."""

    def __init__(self, recording: TracerProvider) -> None:
        """Sample and number spans as `recording` would."""
        self._recording = recording

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> Tracer:
        """Return a tracer; OTEL_SDK_DISABLED makes one without ids, as always."""
        recording = self._recording.get_tracer(
            instrumenting_module_name, instrumenting_library_version, schema_url, attributes
        )
        return recording if isinstance(recording, NoOpTracer) else _UnrecordedTracer(self._recording)


class _UnrecordedTracer(NoOpTracer):
    def __init__(self, recording: TracerProvider) -> None:
        self._sampler = recording.sampler
        self._ids = recording.id_generator

    @override
    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> Span:
        parent = get_current_span(context).get_span_context()
        trace_id = parent.trace_id if parent.is_valid else self._ids.generate_trace_id()
        sampled = self._sampler.should_sample(context, trace_id, name, kind, attributes, links)
        is_random = parent.trace_flags.random_trace_id if parent.is_valid else self._ids.is_trace_id_random()
        flags = TraceFlags.SAMPLED if sampled.decision is Decision.RECORD_AND_SAMPLE else TraceFlags.DEFAULT
        if is_random:
            flags |= TraceFlags.RANDOM_TRACE_ID
        own = SpanContext(
            trace_id,
            self._ids.generate_span_id(),
            is_remote=False,
            trace_flags=TraceFlags(flags),
            trace_state=sampled.trace_state,
        )
        return NonRecordingSpan(own)
