#pragma once

/*
 * Which voices there are for a Kokoro model: in its own folder (`voices/` with
 * a file a voice, or `voices*` with all of them), and in the models folder's
 * `kokoro/` and `kokoro-voices/`, which fit every v1 model.
 *
 * A voice's id tells its language and gender: "af_bella" is American, female.
 */

#include "engine/model_files.h"
#include "engine/onnx_file.h"
#include "engine/voices.h"

#define KOKORO_DEFAULT_VOICE "af_bella"

/* Adds the voices beside the model. file is the model's own description: sherpa-onnx's exports
 * name the voices of their bare voices.bin there. */
void kokoro_voices_add_own(struct voice_list *list, const char *model_path,
                           const struct onnx_file *file);

/* Adds those of the models folder whose ids are not taken. */
void kokoro_voices_add_shared(struct voice_list *list, const char *models_dir);

/* Rows of the tables in the list: 511 are v0.19's, 510 those of later versions. 0: there are no
 * voices, or the first one cannot be read. */
size_t kokoro_voices_rows(const struct voice_list *list);
