#include "api/api.h"

#include "api/elevenlabs.h"
#include "api/generate.h"
#include "api/health.h"
#include "api/history.h"
#include "api/listings.h"
#include "api/media.h"
#include "api/metrics.h"
#include "api/models.h"
#include "api/openapi.h"
#include "api/page.h"
#include "api/peaks.h"
#include "api/profiles.h"
#include "api/projects.h"
#include "api/segments.h"
#include "api/session.h"
#include "api/settings.h"
#include "api/speech.h"
#include "api/studio_events.h"
#include "api/tasks.h"
#include "api/transcriptions.h"
#include "api/voices.h"

#define TABLE(rows)                                                                                \
    {                                                                                              \
        (rows), COUNT(rows)                                                                        \
    }

/* In the order of the documentation. */
const struct route_table api_tables[] = {
    TABLE(project_routes),
    TABLE(import_routes),
    TABLE(segment_routes),
    TABLE(segment_image_routes),
    TABLE(generate_routes),
    TABLE(peaks_routes),
    TABLE(task_routes),
    TABLE(studio_event_routes),
    TABLE(settings_routes),
    TABLE(profile_routes),
    TABLE(history_routes),
    TABLE(voice_routes),
    TABLE(speech_routes),
    TABLE(listing_routes),
    TABLE(model_routes),
    TABLE(transcription_routes),
    TABLE(elevenlabs_speech_routes),
    TABLE(elevenlabs_voice_routes),
    TABLE(elevenlabs_account_routes),
    TABLE(media_routes),
    TABLE(health_routes),
    TABLE(metrics_routes),
    TABLE(session_routes),
    TABLE(page_routes),
    TABLE(openapi_routes),
};
const size_t api_table_count = COUNT(api_tables);

static void answered(void *state, const struct route *route, const char *method, int status,
                     double seconds, uint64_t bytes_sent)
{
    struct api *api = state;
    const struct server_watch counting = metrics_watch(api->metrics);

    counting.answered(counting.state, route, method, status, seconds, bytes_sent);
    if (studio_events_is_change(route, method, status))
        studio_events_changed(api->studio);
}

struct server_watch api_watch(struct api *api)
{
    return (struct server_watch){ .answered = answered, .state = api };
}

void api_job_changed(struct api *api, const char *job_id)
{
    studio_events_changed(api->studio);
    events_notify(server_events(api->server), job_id);
}

void api_studio_changed(struct api *api)
{
    studio_events_changed(api->studio);
}
