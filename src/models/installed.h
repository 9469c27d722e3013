#pragma once

/* Model files that are there: checking them and taking them away. */

#include "base/cancel.h"
#include "models/catalogue.h"

/* Reads the whole file. ERR_NOT_FOUND, ERR_CORRUPT (with what is wrong), ERR_IO, ERR_CANCELLED.
 * A file whose checksum nobody published is compared by size. */
bool model_verify_file(const struct model_file *file, const char *models_dir, struct cancel *cancel,
                       struct err *err) MUST_CHECK;

/* Bytes that its files take up, unfinished downloads among them. */
uint64_t model_bytes_on_disk(const struct model_entry *entry, const char *models_dir);

/* Another entry with files in the folder that needs this one, or NULL. */
const struct model_entry *model_needed_by(const struct catalogue *catalogue,
                                          const struct model_entry *entry, const char *models_dir);

/* Removes the entry's files, its unfinished downloads and the folders that are empty then; nothing
 * else, and nothing outside the models folder, whatever links lie in it. Waits while another
 * process pulls the entry. freed: bytes, may be NULL. */
bool model_remove(const struct model_entry *entry, const char *models_dir, uint64_t *freed,
                  struct cancel *cancel, struct err *err) MUST_CHECK;

/* The folders of the entry's files, as far as they are empty. */
void model_remove_empty_folders(const struct model_entry *entry, const char *models_dir);
