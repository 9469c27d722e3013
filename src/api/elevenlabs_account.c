/*
 * The account that ElevenLabs' clients ask for. There is none here: whoever may
 * ask may speak as much as they like, so the answers are the same for everybody.
 * Clients refuse them when a member is missing.
 */

#include <stddef.h>

#include "api/elevenlabs.h"
#include "http/response.h"

#define AT(type, member) .offset = offsetof(struct type, member)

/* More than anybody speaks, and a whole number in every language. */
#define CHARACTER_LIMIT 1000000000

/* ---- shapes ---- */

struct price {
    const char *amount, *currency;
};

struct subscription {
    const char *tier, *status;
    int64_t character_count, character_limit;
    int64_t max_character_limit_extension, next_character_count_reset_unix;
    const char *max_credit_limit_extension;
    bool can_extend_character_limit, allowed_to_extend_character_limit;
    int64_t voice_slots_used, professional_voice_slots_used,
        professional_voice_slots_used_in_workspace, voice_limit, max_voice_add_edits,
        voice_add_edit_counter, professional_voice_limit;
    bool can_extend_voice_limit, can_use_instant_voice_cloning, can_use_professional_voice_cloning;
    const char *currency, *billing_period, *character_refresh_period;
    const struct price *current_overage;
    struct list_items open_invoices;
    bool has_open_invoices;
};

static const struct field price_fields[] = {
    { "amount", FIELD_TEXT, AT(price, amount) },
    { "currency", FIELD_TEXT, AT(price, currency) },
};

const struct shape elevenlabs_price_shape =
    SHAPE("ElevenLabsPrice", "Money.", SHAPE_ANSWER, price_fields, struct price);

static const struct field subscription_fields[] = {
    { "tier", FIELD_TEXT, AT(subscription, tier) },
    { "status", FIELD_TEXT, AT(subscription, status) },
    { "character_count", FIELD_INTEGER, AT(subscription, character_count),
      .about = "Nothing is counted: 0." },
    { "character_limit", FIELD_INTEGER, AT(subscription, character_limit) },
    { "max_character_limit_extension", FIELD_INTEGER, FIELD_NULLABLE,
      AT(subscription, max_character_limit_extension) },
    { "max_credit_limit_extension", FIELD_TEXT, AT(subscription, max_credit_limit_extension) },
    { "can_extend_character_limit", FIELD_BOOLEAN, AT(subscription, can_extend_character_limit) },
    { "allowed_to_extend_character_limit", FIELD_BOOLEAN,
      AT(subscription, allowed_to_extend_character_limit) },
    { "next_character_count_reset_unix", FIELD_INTEGER, FIELD_NULLABLE,
      AT(subscription, next_character_count_reset_unix) },
    { "voice_slots_used", FIELD_INTEGER, AT(subscription, voice_slots_used) },
    { "professional_voice_slots_used", FIELD_INTEGER,
      AT(subscription, professional_voice_slots_used) },
    { "professional_voice_slots_used_in_workspace", FIELD_INTEGER,
      AT(subscription, professional_voice_slots_used_in_workspace) },
    { "voice_limit", FIELD_INTEGER, AT(subscription, voice_limit) },
    { "max_voice_add_edits", FIELD_INTEGER, FIELD_NULLABLE, AT(subscription, max_voice_add_edits) },
    { "voice_add_edit_counter", FIELD_INTEGER, AT(subscription, voice_add_edit_counter) },
    { "professional_voice_limit", FIELD_INTEGER, AT(subscription, professional_voice_limit) },
    { "can_extend_voice_limit", FIELD_BOOLEAN, AT(subscription, can_extend_voice_limit) },
    { "can_use_instant_voice_cloning", FIELD_BOOLEAN,
      AT(subscription, can_use_instant_voice_cloning) },
    { "can_use_professional_voice_cloning", FIELD_BOOLEAN,
      AT(subscription, can_use_professional_voice_cloning) },
    { "currency", FIELD_TEXT, FIELD_NULLABLE, AT(subscription, currency) },
    { "current_overage", FIELD_OBJECT, AT(subscription, current_overage),
      .shape = &elevenlabs_price_shape },
    { "billing_period", FIELD_TEXT, FIELD_NULLABLE, AT(subscription, billing_period) },
    { "character_refresh_period", FIELD_TEXT, FIELD_NULLABLE,
      AT(subscription, character_refresh_period) },
    { "open_invoices", FIELD_LIST, AT(subscription, open_invoices),
      .shape = &elevenlabs_price_shape, .about = "Empty." },
    { "has_open_invoices", FIELD_BOOLEAN, AT(subscription, has_open_invoices) },
};

const struct shape elevenlabs_subscription_shape =
    SHAPE("ElevenLabsSubscription", "What may be spoken: anything.", SHAPE_ANSWER,
          subscription_fields, struct subscription);

struct user {
    const char *user_id, *workspace_id, *seat_type, *first_name;
    const struct subscription *subscription;
    bool is_new_user, can_use_delayed_payment_methods, is_onboarding_completed,
        is_onboarding_checklist_completed;
    int64_t created_at;
};

static const struct field user_fields[] = {
    { "user_id", FIELD_TEXT, AT(user, user_id) },
    { "workspace_id", FIELD_TEXT, AT(user, workspace_id) },
    { "seat_type", FIELD_TEXT, AT(user, seat_type) },
    { "first_name", FIELD_TEXT, AT(user, first_name) },
    { "subscription", FIELD_OBJECT, AT(user, subscription),
      .shape = &elevenlabs_subscription_shape },
    { "is_new_user", FIELD_BOOLEAN, AT(user, is_new_user) },
    { "can_use_delayed_payment_methods", FIELD_BOOLEAN, AT(user, can_use_delayed_payment_methods) },
    { "is_onboarding_completed", FIELD_BOOLEAN, AT(user, is_onboarding_completed) },
    { "is_onboarding_checklist_completed", FIELD_BOOLEAN,
      AT(user, is_onboarding_checklist_completed) },
    { "created_at", FIELD_INTEGER, AT(user, created_at) },
};

const struct shape elevenlabs_user_shape =
    SHAPE("ElevenLabsUser", "Whoever asks.", SHAPE_ANSWER, user_fields, struct user);

/* ---- answers ---- */

static const struct price nothing = { .amount = "0", .currency = "usd" };

static const struct subscription local = {
    .tier = "local",
    .status = "active",
    .character_limit = CHARACTER_LIMIT,
    .max_credit_limit_extension = "unlimited",
    .current_overage = &nothing,
};

static const struct user whoever = {
    .user_id = "local",
    .workspace_id = "local",
    .seat_type = "workspace_admin",
    .first_name = "Parlando",
    .subscription = &local,
    .is_onboarding_completed = true,
    .is_onboarding_checklist_completed = true,
};

static bool get_subscription(struct request *request, struct response *response, struct err *err)
{
    (void)request, (void)err;
    shape_write(response_json(response), NULL, &elevenlabs_subscription_shape, &local);
    return true;
}

static bool get_user(struct request *request, struct response *response, struct err *err)
{
    (void)request, (void)err;
    shape_write(response_json(response), NULL, &elevenlabs_user_shape, &whoever);
    return true;
}

const struct route elevenlabs_account_routes[] = {
    { "GET", "/v1/user", get_user, NULL, 0, .operation = "elevenLabsUser",
      .about = "Who asks, as ElevenLabs' clients want to know.", .statuses = "200 ElevenLabsUser" },
    { "GET", "/v1/user/subscription", get_subscription, NULL, 0,
      .operation = "elevenLabsSubscription", .about = "What may be spoken: anything, at no charge.",
      .statuses = "200 ElevenLabsSubscription" },
};
