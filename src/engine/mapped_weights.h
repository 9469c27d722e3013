#pragma once

/*
 * The weights of a prepared model, as ONNX Runtime has mapped them, and when
 * their pages are given back to the page cache.
 *
 * A pass uses each of Kokoro's weights once, some 560 MB in all, and the buffers
 * of its generator are what else needs memory. So the pages of BERT's and the
 * prosody's weights are let go when the first convolution of the generator
 * runs, those of each such convolution behind it, and the rest when the pass is
 * over. The file stays in the page cache, from where the next pass faults it in
 * again; only where memory is short is it read from disk.
 * Without this a process holds all weights and its buffers at once.
 *
 * Letting go is safe at any moment, also while other passes run: the pages are
 * clean copies of the file, and the next access maps them again.
 */

#include <stddef.h>

struct mapped_weights;

/* Where this process has mapped the file. NULL where that cannot be found out or it is not mapped:
 * then nothing is let go, which costs memory and nothing else. */
struct mapped_weights *mapped_weights_find(const char *path);
void mapped_weights_destroy(struct mapped_weights *weights); /* accepts NULL, like all here */

void mapped_weights_pass_begins(struct mapped_weights *weights);
void mapped_weights_generator_begins(struct mapped_weights *weights); /* once a pass is enough */
void mapped_weights_used(struct mapped_weights *weights, const void *bytes, size_t length);
void mapped_weights_pass_ends(struct mapped_weights *weights);
