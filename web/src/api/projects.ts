/** Projects: reading them, making them of stories, renaming and deleting them. */
import {
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { api, body, type Project, type ProjectDetail, type StoryPreview } from "./client";
import { keys } from "./keys";
import { refetch } from "./outdated";

const PROJECTS_A_PAGE = 60;

export interface ProjectPage {
  count: number;
  results: Project[];
}

/** Newest first, a page at a time. While another search is under way, the last one's stay. */
export function useProjects(search: string) {
  return useInfiniteQuery({
    queryKey: keys.projectList(search),
    placeholderData: keepPreviousData,
    initialPageParam: 1,
    queryFn: async ({ pageParam, signal }): Promise<ProjectPage> => {
      const query = { page: pageParam, page_size: PROJECTS_A_PAGE, ...(search && { search }) };
      return (await body(api.GET("/api/projects/", { params: { query }, signal }))) as ProjectPage;
    },
    getNextPageParam: (last, pages) =>
      pages.length * PROJECTS_A_PAGE < last.count ? pages.length + 1 : undefined,
  });
}

/** A project with its segments in order. */
export function projectQuery(id: string) {
  return queryOptions({
    queryKey: keys.project(id),
    queryFn: ({ signal }) => body(api.GET("/api/projects/{id}/", { params: { path: { id } }, signal })),
  });
}

export function useProject(id: string) {
  return useQuery(projectQuery(id));
}

/** A story as a person gives it: a file, or text that was pasted. */
export interface Story {
  file: File;
  /** Instead of the story's own. */
  title?: string;
}

function form({ file, title }: Story): FormData {
  const data = new FormData();
  data.append("file", file);
  if (title) data.append("title", title);
  return data;
}

const asIs = (data: unknown) => data as FormData;

/** What would be made of a story. */
export function previewStory(story: Story, signal?: AbortSignal): Promise<StoryPreview> {
  return body(
    api.POST("/api/projects/preview/", {
      body: form(story) as never,
      bodySerializer: asIs,
      ...(signal && { signal }),
    }),
  );
}

function useProjectChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: refetch(client, keys.projects),
  });
}

/** A signal ends the upload; what the server has whole by then is made all the same. */
export function useImportStory() {
  return useProjectChange<Story & { signal?: AbortSignal }, ProjectDetail>(({ signal, ...story }) =>
    body(
      api.POST("/api/projects/import/", {
        body: form(story) as never,
        bodySerializer: asIs,
        ...(signal && { signal }),
      }),
    ),
  );
}

export function useCreateProject() {
  return useProjectChange<string, ProjectDetail>((title) =>
    body(api.POST("/api/projects/", { body: { title } })),
  );
}

export function useRenameProject() {
  return useProjectChange<{ id: string; title: string }, ProjectDetail>(({ id, title }) =>
    body(api.PATCH("/api/projects/{id}/", { params: { path: { id } }, body: { title } })),
  );
}

/** A page that shows the project, and leaves it now, does not ask for it again. */
export function useDeleteProject() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.DELETE("/api/projects/{id}/", { params: { path: { id } } }),
    onSuccess: (_answer, id) => client.removeQueries({ queryKey: keys.project(id), type: "inactive" }),
    onSettled: refetch(client, keys.projectLists),
  });
}
