#pragma once

/*
 * Entries of the catalogue with what belongs to them: a prepared copy
 * (engine/prepared.h), and entries that only they need. Any thread.
 */

#include "engine/model_files.h"
#include "models/catalogue.h"

bool model_entry_is_prepared(const struct model_entry *entry, const char *models_dir);

/* Bytes of an entry's prepared copy and of what preparations left, 0 without. */
uint64_t model_entry_prepared_size(const struct model_entry *entry, const char *models_dir);

/* The entry's installed model, if it is one that prepared_make() makes a copy of. The caller releases
 * it. */
bool model_entry_find_preparable(const struct engine_config *config,
                                 const struct model_entry *entry, struct installed_model *out);

/* Removes the entry's files and its prepared copy; freed: bytes of both, may be NULL. */
bool model_entry_remove(const struct model_entry *entry, const char *models_dir, uint64_t *freed,
                        struct cancel *cancel, struct err *err) MUST_CHECK;

/* Something that the entry, which is removed, needed and that nobody needs any more; NULL: nothing is
 * left of that. */
const struct model_entry *model_entry_find_unneeded(const struct catalogue *catalogue,
                                                    const struct model_entry *entry,
                                                    const char *models_dir);
