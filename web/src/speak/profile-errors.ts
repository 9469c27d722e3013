import { ApiError, wordsOf } from "@/api/client";

/** Why a profile was not kept: what is wrong with its name, and anything else. */
export function profileErrors(error: Error | null): { name?: string; rest?: string } {
  if (!error) return {};
  const name = error instanceof ApiError ? error.fields.name : undefined;
  if (name !== undefined) return { name };
  return error instanceof ApiError && error.status === 409
    ? { name: error.message }
    : { rest: wordsOf(error) };
}
