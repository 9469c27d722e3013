/** What answers here, and how much it takes. */
import { useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";

export function useProgram() {
  return useQuery({
    queryKey: keys.program,
    staleTime: Infinity,
    queryFn: ({ signal }) => body(api.GET("/api/", { signal })),
  });
}
