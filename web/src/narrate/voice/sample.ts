/** What auditions say in a project. */
import { usePlace } from "../timeline/place";
import { visibleSegments } from "../timeline/visible-project";
import { usePlayer } from "../player/player";
import { sampleText } from "@/voice/sample-text";

/** Of the segment that is heard or was heard last, else of the one a person is at, at this moment. */
export function sampleOf(projectId: string): string | undefined {
  const id = usePlayer.getState().segmentId ?? usePlace.getState().currentId;
  return sampleText(visibleSegments(projectId).find((one) => one.id === id)?.text_content);
}
