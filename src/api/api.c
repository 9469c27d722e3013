#include "api/api.h"

#include "api/generate.h"
#include "api/health.h"
#include "api/media.h"
#include "api/metrics.h"
#include "api/openapi.h"
#include "api/projects.h"
#include "api/segments.h"
#include "api/settings.h"
#include "api/tasks.h"

#define TABLE(rows)                                                                                \
    {                                                                                              \
        (rows), COUNT(rows)                                                                        \
    }

/* In the order of the documentation. */
const struct route_table api_tables[] = {
    TABLE(project_routes),       TABLE(import_routes),   TABLE(segment_routes),
    TABLE(segment_image_routes), TABLE(generate_routes), TABLE(task_routes),
    TABLE(settings_routes),      TABLE(media_routes),    TABLE(health_routes),
    TABLE(metrics_routes),       TABLE(openapi_routes),
};
const size_t api_table_count = COUNT(api_tables);
