import { useAudition } from "./audition";

/** Why the voice that was to be heard is not. */
export function AuditionError() {
  const error = useAudition((now) => now.error);
  if (error === null) return null;
  return (
    <p role="alert" className="text-sm wrap-break-word text-bad">
      {error}
    </p>
  );
}
