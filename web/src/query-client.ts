import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./api/client";

/**
 * Events say what is out of date; what the server refused stays refused. The server is reached without a
 * network, too: a machine that is offline waits for nothing.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      staleTime: 30_000,
      retry: (count, error) =>
        count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});
