import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import type { Profile } from "@/api/profiles";
import { renderPage } from "../../tests/page";
import { useDraft } from "./draft";
import { useSessionResults } from "./session-results";
import { Speak } from "./speak";
import { useSpeaking } from "./speaking";

const VOICES = [
  { id: "af_bella", name: "Bella", language: "en-us", gender: "female" },
  { id: "af_sky", name: "Sky", language: "en-us", gender: "female" },
  { id: "bf_emma", name: "Emma", language: "en-gb", gender: "female" },
];

function makeProfile(profile: Partial<Profile>): Profile {
  return {
    ...{ id: "p1", name: "Calm", backend: "kokoro", model: null, voice: "af_sky", blend: null, speed: 0.8 },
    ...{ format: "opus", reference_audio_id: null, effects: [], is_default: false },
    ...{ created_at: "2026-05-04T10:00:00.000Z", updated_at: "2026-05-04T10:00:00.000Z" },
    ...profile,
  };
}

interface Asked {
  route: string;
  body: Record<string, unknown> | undefined;
}

/** speak: how the speech is answered. */
function serveSpeech(profiles: Profile[] = [], speak: () => Response = () => new Response("ID3")) {
  const asked: Asked[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const request = input as Request;
    const { pathname, searchParams } = new URL(request.url);
    const text = await request.clone().text();
    const body = text === "" ? undefined : (JSON.parse(text) as Record<string, unknown>);
    const route = `${request.method} ${pathname}`;
    asked.push({ route, body });
    switch (route) {
      case "GET /api/":
        return Response.json({ speech_input_max: 20 });
      case "GET /api/models/":
        return Response.json({ items: [{ engine: "kitten", kind: "speech", state: "absent" }] });
      case "GET /api/voices/":
        if (searchParams.get("engine") === "kitten")
          return Response.json({ error: "Run `parlando models pull kitten`." }, { status: 503 });
        return Response.json({ engine: "kokoro", default_voice: "af_bella", can_blend: true, data: VOICES });
      case "GET /api/profiles/":
        return Response.json({ items: profiles, default_profile_id: null });
      case "POST /api/profiles/": {
        const taken = profiles.some(({ name }) => name === body?.name);
        if (taken) return Response.json({ name: ["Another profile has this name."] }, { status: 409 });
        const made = makeProfile({ ...body, id: `p${profiles.length + 1}` });
        profiles.push(made);
        return Response.json(made, { status: 201 });
      }
      case "DELETE /api/profiles/p1/":
        profiles.splice(0, 1);
        return new Response(null, { status: 204 });
      case "POST /v1/audio/speech":
        return speak();
    }
    return Response.json({ detail: "Not found." }, { status: 404 });
  });
  return asked;
}

const spoken = (asked: Asked[]) => asked.find(({ route }) => route === "POST /v1/audio/speech")?.body;
const field = () => screen.getByRole("textbox", { name: "Text" });
const button = () => screen.getByRole("button", { name: /^(Speak|Stop)$/ });

beforeEach(() => {
  useDraft.setState(useDraft.getInitialState(), true);
  useSpeaking.setState(useSpeaking.getInitialState(), true);
  useSessionResults.setState({ ids: [] });
  URL.createObjectURL = () => "blob:1";
  URL.revokeObjectURL = () => undefined;
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
  vi.spyOn(HTMLMediaElement.prototype, "load").mockReturnValue();
  vi.spyOn(HTMLMediaElement.prototype, "pause").mockReturnValue();
});

test("what was written is spoken by Ctrl+Enter, as it was chosen", async () => {
  const asked = serveSpeech(
    [],
    () =>
      new Response("ID3", {
        headers: {
          "Content-Type": "audio/mpeg",
          "X-Parlando-Engine": "kokoro",
          "X-Parlando-Voice": "Andr%C3%A9",
        },
      }),
  );
  renderPage(<Speak />);
  await userEvent.type(field(), "Fog came in.");
  await userEvent.selectOptions(screen.getByLabelText("Format"), "flac");
  await screen.findByRole("button", { name: "Voice: Bella" });
  await userEvent.selectOptions(screen.getByLabelText("Language"), "en-gb");
  await userEvent.click(field());
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await screen.findByText("Done");
  expect(spoken(asked)).toMatchObject({
    input: "Fog came in.",
    engine: "auto",
    language: "en-gb",
    voice: "bf_emma",
    response_format: "flac",
    profile_id: "",
  });
  expect(screen.getByText(/^Spoken by André \(kokoro\).*· 3 bytes · not kept in the history$/)).toBeVisible();
  expect(screen.getByRole("button", { name: "Download FLAC" })).toBeVisible();
  expect(screen.getByRole("region", { name: "What is spoken" })).toHaveTextContent("Fog came in.");
});

test("nothing is spoken without words, or with too many of them", async () => {
  const asked = serveSpeech();
  renderPage(<Speak />);
  expect(await screen.findByText("0 of 20 characters")).toBeVisible();
  expect(button()).toHaveAttribute("aria-disabled", "true");
  await userEvent.click(button());
  await userEvent.type(field(), "More than twenty of them");
  expect(screen.getByRole("alert")).toHaveTextContent("4 characters too many: at most 20");
  expect(screen.getByRole("link", { name: "Go to Narrate" })).toHaveAttribute("href", "/narrate");
  expect(field()).toBeInvalid();
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  expect(spoken(asked)).toBeUndefined();
  await userEvent.click(screen.getByRole("button", { name: "Clear" }));
  expect(field()).toHaveValue("");
});

test("a refusal says why and what can be done", async () => {
  let count = 0;
  const error = { message: "TTS model not available.", type: "server_error", param: null, code: null };
  serveSpeech([], () => (count++ === 0 ? Response.json({ error }, { status: 503 }) : new Response("ID3")));
  renderPage(<Speak />);
  await userEvent.type(field(), "Hello.");
  await userEvent.click(button());
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("TTS model not available.");
  expect(within(alert).getByRole("link", { name: "Go to Models" })).toHaveAttribute("href", "/models");
  await userEvent.click(within(alert).getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Done")).toBeVisible();
});

test("an engine without its model says so, and how to get it", async () => {
  serveSpeech();
  renderPage(<Speak />);
  await userEvent.selectOptions(
    await screen.findByLabelText("Engine"),
    await screen.findByRole("option", { name: "Kitten (not installed)" }),
  );
  expect(await screen.findByText(/model is not installed yet/)).toBeVisible();
  expect(screen.queryByText(/parlando models pull/)).not.toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Go to Models" })).toBeVisible();
});

const profileField = () => screen.findByRole("combobox", { name: "Profile" });
const chosenOption = async () =>
  within(await profileField()).getByRole<HTMLOptionElement>("option", { selected: true }).textContent;

test("the profile that is shown is in force: none before one is chosen, not even the default", async () => {
  const asked = serveSpeech([makeProfile({ is_default: true })]);
  renderPage(<Speak />);
  expect(await chosenOption()).toBe("None");
  await userEvent.type(field(), "Hello.");
  await userEvent.click(button());
  await screen.findByText("Done");
  expect(spoken(asked)).toMatchObject({ speed: 1, profile_id: "" });
});

test("a profile of which something was changed says so, and is applied again", async () => {
  serveSpeech([makeProfile({})]);
  renderPage(<Speak />);
  await userEvent.selectOptions(await profileField(), "Calm");
  expect(screen.queryByRole("button", { name: "Apply again" })).not.toBeInTheDocument();
  await userEvent.selectOptions(screen.getByLabelText("Format"), "wav");
  expect(await chosenOption()).toBe("Calm (changed)");
  await userEvent.click(screen.getByRole("button", { name: "Apply again" }));
  expect(screen.getByLabelText("Format")).toHaveValue("opus");
  expect(await chosenOption()).toBe("Calm");
  await userEvent.selectOptions(await profileField(), "None");
  expect(useDraft.getState()).toMatchObject({ profileId: "", voice: "af_sky", format: "opus" });
});

test("a profile that is not there any more is let go of", async () => {
  useDraft.setState({ profileId: "p9", format: "wav" });
  serveSpeech([makeProfile({})]);
  renderPage(<Speak />);
  expect(await chosenOption()).toBe("None");
  expect(useDraft.getState()).toMatchObject({ profileId: "", format: "wav" });
});

test("a language shows the voices that speak it, and a voice speaks its own", async () => {
  serveSpeech();
  renderPage(<Speak />);
  await screen.findByRole("button", { name: "Voice: Bella" });
  await userEvent.selectOptions(screen.getByLabelText("Language"), "British English");
  await userEvent.click(screen.getByRole("button", { name: "Voice: Emma" }));
  const picker = await screen.findByRole("grid");
  expect(within(picker).queryByText("Bella")).not.toBeInTheDocument();
  await userEvent.click(within(picker).getByText("Emma"));
  expect(screen.getByLabelText("Language")).toHaveValue("");
  expect(useDraft.getState()).toMatchObject({ voice: "bf_emma", language: "" });
});

test("a profile is applied as it is chosen, and another engine lets go of it", async () => {
  const asked = serveSpeech([makeProfile({})]);
  renderPage(<Speak />);
  await userEvent.selectOptions(await profileField(), "Calm");
  expect(screen.getByLabelText("Format")).toHaveValue("opus");
  expect(await screen.findByRole("button", { name: "Voice: Sky" })).toBeVisible();
  await userEvent.type(field(), "Hello.");
  await userEvent.click(button());
  await screen.findByText("Done");
  expect(spoken(asked)).toMatchObject({ voice: "af_sky", speed: 0.8, profile_id: "p1" });
  await userEvent.selectOptions(screen.getByLabelText("Engine"), "espeak");
  expect(useDraft.getState()).toMatchObject({ engine: "espeak", voice: "", profileId: "" });
});

test("what is shown is saved as a profile, whose name must be new", async () => {
  const asked = serveSpeech([makeProfile({})]);
  renderPage(<Speak />);
  await screen.findByRole("button", { name: "Voice: Bella" });
  await userEvent.click(screen.getByRole("button", { name: "Save as profile" }));
  await userEvent.type(screen.getByLabelText("Name"), "Calm{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("Another profile has this name.");
  await userEvent.type(screen.getByLabelText("Name"), " evening{Enter}");
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(asked.filter(({ route }) => route === "POST /api/profiles/").at(-1)?.body).toMatchObject({
    name: "Calm evening",
    backend: "auto",
    voice: "af_bella",
    blend: null,
  });
  expect(await screen.findByLabelText("Profile")).toHaveValue("p2");
});

test("voices are blended by their shares, and the sliders stand at them", async () => {
  serveSpeech();
  renderPage(<Speak />);
  await userEvent.click(await screen.findByRole("button", { name: "Blend" }));
  const dialog = screen.getByRole("dialog", { name: "Blend voices" });
  await userEvent.selectOptions(within(dialog).getByLabelText("Voice 2"), "Emma, British English");
  const [first, second] = within(dialog).getAllByRole("slider", { name: /^Share of voice/ });
  for (const slider of [first, second]) {
    expect(slider).toHaveAttribute("aria-valuenow", "50");
    expect(slider).toHaveAttribute("aria-valuemin", "1");
    expect(slider).toHaveAttribute("aria-valuemax", "99");
  }
  first?.focus();
  await userEvent.keyboard("{ArrowRight>17/}");
  expect(first).toHaveAttribute("aria-valuenow", "67");
  expect(second).toHaveAttribute("aria-valuenow", "33");
  expect(dialog).toHaveTextContent("af_bella(67)+bf_emma(33)");
  expect(dialog).toHaveTextContent("67 %");
  await userEvent.click(within(dialog).getByRole("button", { name: "Use this blend" }));
  expect(screen.getByRole("button", { name: "Voice: Bella + Emma" })).toBeVisible();
  expect(useDraft.getState().voice).toBe("af_bella(67)+bf_emma(33)");
  await userEvent.click(screen.getByRole("button", { name: "Blend" }));
  await userEvent.selectOptions(screen.getByLabelText("Voice 2"), "af_sky");
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  expect(useDraft.getState().voice).toBe("af_bella(67)+bf_emma(33)");
});

test("profiles are deleted once that is confirmed", async () => {
  serveSpeech([makeProfile({}), makeProfile({ id: "p2", name: "Loud" })]);
  renderPage(<Speak />);
  await userEvent.click(await screen.findByRole("button", { name: "Manage" }));
  await userEvent.click(screen.getByRole("button", { name: "Delete “Calm”" }));
  await userEvent.click(
    within(screen.getByRole("alertdialog", { name: "Delete the profile “Calm”?" })).getByRole("button", {
      name: "Delete",
    }),
  );
  await waitFor(() => expect(screen.queryByRole("button", { name: "Edit “Calm”" })).not.toBeInTheDocument());
  expect(screen.getByRole("button", { name: "Edit “Loud”" })).toBeVisible();
});
