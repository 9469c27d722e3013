#include "base/cancel.h"

void cancel_init(struct cancel *cancel)
{
    atomic_init(&cancel->requested, false);
    pthread_mutex_init(&cancel->lock, NULL);
    cancel->wakers = NULL;
}

void cancel_release(struct cancel *cancel)
{
    pthread_mutex_destroy(&cancel->lock);
}

void cancel_request(struct cancel *cancel)
{
    pthread_mutex_lock(&cancel->lock);
    if (!atomic_exchange(&cancel->requested, true))
        for (struct cancel_waker *w = cancel->wakers; w; w = w->next)
            w->wake(w->what);
    pthread_mutex_unlock(&cancel->lock);
}

bool cancel_is_requested(const struct cancel *cancel)
{
    return cancel && atomic_load(&cancel->requested);
}

bool cancel_check(const struct cancel *cancel, struct err *err)
{
    if (cancel_is_requested(cancel))
        return err_set(err, ERR_CANCELLED, "Cancelled.");
    return true;
}

void cancel_waker_begin(struct cancel *cancel, struct cancel_waker *waker)
{
    if (!cancel)
        return;
    pthread_mutex_lock(&cancel->lock);
    waker->next = cancel->wakers;
    cancel->wakers = waker;
    if (atomic_load(&cancel->requested))
        waker->wake(waker->what);
    pthread_mutex_unlock(&cancel->lock);
}

void cancel_waker_end(struct cancel *cancel, struct cancel_waker *waker)
{
    if (!cancel)
        return;
    pthread_mutex_lock(&cancel->lock);
    struct cancel_waker **link = &cancel->wakers;
    while (*link != waker)
        link = &(*link)->next;
    *link = waker->next;
    pthread_mutex_unlock(&cancel->lock);
}
