#include "api/elevenlabs.h"
#include "api/elevenlabs_listing.h"
#include "api/generate.h"
#include "api/health.h"
#include "api/history.h"
#include "api/listings.h"
#include "api/models.h"
#include "api/peaks.h"
#include "api/profiles.h"
#include "api/projects.h"
#include "api/segments.h"
#include "api/session.h"
#include "api/settings.h"
#include "api/shape.h"
#include "api/story_preview.h"
#include "api/studio_events.h"
#include "api/tasks.h"
#include "api/voices.h"

/* In the order of the documentation. */
const struct shape *const api_shapes[] = {
    &project_shape,
    &project_detail_shape,
    &project_body_shape,
    &project_patch_shape,
    &project_replacement_shape,
    &story_shape,
    &story_segment_shape,
    &story_preview_shape,
    &segment_preview_shape,
    &segment_shape,
    &segment_body_shape,
    &segment_patch_shape,
    &segment_replacement_shape,
    &segment_order_shape,
    &segment_peaks_shape,
    &settings_shape,
    &settings_body_shape,
    &settings_patch_shape,
    &profile_shape,
    &profile_list_shape,
    &profile_default_shape,
    &profile_body_shape,
    &profile_patch_shape,
    &history_list_shape,
    &history_entry_shape,
    &history_detail_shape,
    &history_word_shape,
    &history_segment_shape,
    &history_deletion_shape,
    &voice_list_shape,
    &voice_shape,
    &audition_body_shape,
    &openai_model_list_shape,
    &openai_model_shape,
    &voice_listing_shape,
    &audio_model_listing_shape,
    &model_list_shape,
    &model_shape,
    &model_tensor_shape,
    &model_pull_shape,
    &model_check_shape,
    &loaded_models_shape,
    &model_name_body_shape,
    &elevenlabs_voice_page_shape,
    &elevenlabs_voice_shape,
    &elevenlabs_labels_shape,
    &elevenlabs_voice_settings_shape,
    &elevenlabs_verified_language_shape,
    &elevenlabs_model_shape,
    &elevenlabs_language_shape,
    &elevenlabs_rates_shape,
    &elevenlabs_user_shape,
    &elevenlabs_subscription_shape,
    &elevenlabs_price_shape,
    &task_shape,
    &task_summary_shape,
    &task_progress_shape,
    &task_segment_shape,
    &task_error_shape,
    &studio_state_shape,
    &project_revision_shape,
    &segment_task_shape,
    &project_task_shape,
    &nothing_to_do_shape,
    &generate_all_body_shape,
    &session_body_shape,
    &health_shape,
    &readiness_shape,
    &check_shape,
    &program_shape,
};
const size_t api_shape_count = COUNT(api_shapes);
