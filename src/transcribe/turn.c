#include "transcribe/turn.h"

#include "base/clock.h"

/* As long as a short chunk of speech takes. */
#define HELD_S 0.25

bool turn_take(struct turn *turn, struct err *err)
{
    if (turn->is_held) {
        if (clock_seconds() - turn->since_s < HELD_S)
            return cancel_check(turn->cancel, err);
        turn_end(turn);
    }
    if (!turnstile_enter(turn->turnstile, true, turn->cancel, err))
        return false;
    turn->is_held = true;
    turn->since_s = clock_seconds();
    return true;
}

void turn_end(struct turn *turn)
{
    if (turn->is_held)
        turnstile_leave(turn->turnstile);
    turn->is_held = false;
}
