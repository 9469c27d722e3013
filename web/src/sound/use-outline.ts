import { useQuery } from "@tanstack/react-query";
import { type Outline, outlineOf, SECONDS_MAX } from "./peaks";

const PEAKS = 400;

export interface OutlineSource {
  /** The same for the same sound. */
  key: string;
  /** Seconds, where they are known. */
  seconds: number | null;
  load: (signal: AbortSignal) => Promise<Blob>;
}

/** Undefined as long as it is not known, for what is too long to be looked at, and for what cannot be decoded. */
export function useOutline(source: OutlineSource | null): Outline | undefined {
  const { data } = useQuery({
    queryKey: ["outline", source?.key],
    enabled: source !== null && (source.seconds ?? 0) <= SECONDS_MAX,
    staleTime: Infinity,
    retry: false,
    queryFn: async ({ signal }) => outlineOf(await (source?.load(signal) ?? new Blob()), PEAKS),
  });
  return data;
}
