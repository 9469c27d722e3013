import type { Model, ModelList, Pull } from "@/api/models";

/** A model as the server tells it: Kokoro, which is not here. */
export function makeModel(model: Partial<Model> = {}): Model {
  return {
    id: "kokoro",
    engine: "kokoro",
    name: "Kokoro",
    kind: "speech",
    licence: "Apache-2.0",
    languages: ["en-us", "fr-fr"],
    size: 326_000_000,
    bytes_on_disk: model.state === "installed" ? (model.size ?? 326_000_000) : 0,
    state: "absent",
    is_default: true,
    is_prepared: false,
    is_loaded: false,
    is_ours: true,
    installed_at: null,
    needs: [],
    needed_by: [],
    removes: [],
    inputs: null,
    outputs: null,
    pull: null,
    ...model,
  };
}

export const espeak = makeModel({
  id: "espeak",
  engine: "espeak",
  name: "eSpeak NG",
  size: 0,
  state: "installed",
  is_loaded: true,
  is_default: false,
  is_ours: false,
});

/** What hears. */
export const ears = [
  makeModel({
    id: "moonshine-tiny",
    engine: "moonshine",
    name: "Moonshine",
    kind: "transcription",
    state: "installed",
  }),
  makeModel({
    id: "silero-vad",
    engine: "silero",
    name: "Silero",
    kind: "voice_activity",
    state: "installed",
  }),
];

export const makeList = (...items: Model[]): ModelList => ({
  items,
  total: items.length,
  models_folder: "/models",
  bytes_installed: 1_000_000,
  bytes_free: 80_000_000_000,
});

export const makePull = (pull: Partial<Pull> = {}): Pull => ({
  model: "kokoro",
  state: "downloading",
  step: null,
  bytes_done: 0,
  bytes_total: 326_000_000,
  error: null,
  ...pull,
});
