#pragma once

/* Scaled dot-product attention of several heads (Vaswani et al. 2017, arXiv:1706.03762) among all rows of
 * a text: softmax(q k' / sqrt(features of a head)) v. */

#include "nn/nn.h"

#define ATTENTION_HEAD 64 /* features of a head */

struct attention {
    struct matrix query, key,
        value; /* [tokens][heads * ATTENTION_HEAD], with strides of their own */
};

/* out: [tokens][heads * ATTENTION_HEAD]; may be the query. */
void attention_run(const struct nn *nn, const struct attention *attention,
                   const struct matrix *out);
