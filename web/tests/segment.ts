import type { ProjectDetail, Segment } from "@/api/client";

/** A segment as the server tells it: the first of its project, with text and without audio. */
export function makeSegment(segment: Partial<Segment> = {}): Segment {
  return {
    id: "segment-1",
    project: "project-1",
    sequence_index: 0,
    text_content: "It was a dark and stormy night.",
    image_prompt: "",
    chapter: "",
    image_file: null,
    audio_file: null,
    audio_duration: null,
    audio_engine: null,
    audio_voice: null,
    audio_created_at: null,
    audio_stale: false,
    audio_error: null,
    is_locked: false,
    task_id: null,
    created_at: "2026-05-04T10:00:00.000Z",
    updated_at: "2026-05-04T10:00:00.000Z",
    ...segment,
  };
}

/** The same, spoken. */
export function makeSpokenSegment(segment: Partial<Segment> = {}): Segment {
  return makeSegment({
    audio_file: `/media/projects/project-1/audio/${segment.id ?? "segment-1"}.wav`,
    audio_duration: 5.2,
    audio_engine: "kokoro",
    audio_voice: "af_bella",
    audio_created_at: "2026-05-04T10:01:00.000Z",
    ...segment,
  });
}

/** A project of these. */
export function makeProject(segments: Segment[], project: Partial<ProjectDetail> = {}): ProjectDetail {
  return {
    id: "project-1",
    title: "A Night",
    author: "",
    status: "DRAFT",
    created_at: "2026-05-04T10:00:00.000Z",
    updated_at: "2026-05-04T10:00:00.000Z",
    segment_count: segments.length,
    audio_count: segments.filter((one) => one.audio_file !== null).length,
    locked_count: segments.filter((one) => one.is_locked).length,
    stale_count: segments.filter((one) => one.audio_stale).length,
    duration: segments.reduce((sum, one) => sum + (one.audio_duration ?? 0), 0),
    revision: 1,
    segments: segments.map((segment, index) => ({ ...segment, sequence_index: index })),
    ...project,
  };
}
