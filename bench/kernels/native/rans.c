/* Range coding of classes: eight states, 16-bit words, static probabilities of 11 bits a context. */
#include "kernels.h"

static inline uint32_t push(uint32_t x, const EncodeEntry *entry) {
  const uint32_t quotient = (uint32_t)(((uint64_t)x * entry->multiplier) >> entry->shift);
  return x + quotient * entry->complement + entry->cumulative;
}

static uint8_t *encode_row(const uint8_t *restrict row, const uint8_t *restrict contexts,
                           const EncodeEntry *restrict table, uint32_t *restrict states, int width, uint8_t *to) {
  int i = width;
  while (i & 7) {
    i--;
    const EncodeEntry *entry = table + contexts[i] * CLASSES + row[i];
    uint32_t x = states[i & 7];
    if (x >= entry->full) {
      to -= 2;
      memcpy(to, &x, 2);
      x >>= 16;
    }
    states[i & 7] = push(x, entry);
  }
  uint32_t x0 = states[0], x1 = states[1], x2 = states[2], x3 = states[3];
  uint32_t x4 = states[4], x5 = states[5], x6 = states[6], x7 = states[7];
#define ENCODE(x, k)                                                              \
  {                                                                               \
    const EncodeEntry *entry = table + contexts[i + k] * CLASSES + row[i + k];    \
    const uint32_t full = x >= entry->full;       \
    const uint16_t word = (uint16_t)x;                                            \
    memcpy(to - 2, &word, 2);                                                     \
    to -= full << 1;                                                              \
    x = push(x >> (full << 4), entry);                                            \
  }
  while (i > 0) {
    i -= 8;
    ENCODE(x7, 7) ENCODE(x6, 6) ENCODE(x5, 5) ENCODE(x4, 4)
    ENCODE(x3, 3) ENCODE(x2, 2) ENCODE(x1, 1) ENCODE(x0, 0)
  }
  states[0] = x0, states[1] = x1, states[2] = x2, states[3] = x3;
  states[4] = x4, states[5] = x5, states[6] = x6, states[7] = x7;
  return to;
}

uint8_t *encode_classes(const uint8_t *classes, const Geometry *g, const uint8_t *map, const EncodeEntry *table,
                        uint8_t *activity, uint32_t *states, uint8_t *to) {
  for (int k = 0; k < 8; k++) states[k] = LOW;
  for (int t = g->outer - 1; t >= 0; t--)
    for (int z = g->depth - 1; z >= 0; z--)
      for (int y = g->height - 1; y >= 0; y--) {
        const uint8_t *row = classes + row_of(g, t, z, y) * g->width;
        if (!row_activity(classes, g, t, z, y, activity))
          for (int i = 0; i < g->width; i++) activity[i] = activity_in_row(row, i);
        for (int i = 0; i < g->width; i++) activity[i] = map[activity[i]];
        to = encode_row(row, activity, table, states, g->width, to);
      }
  return to;
}

static inline uint32_t decode_one(uint32_t state, const uint8_t *slots, const uint32_t *ranges, uint32_t context,
                                  uint8_t *at) {
  const uint32_t slot = state & (TOTAL - 1), symbol = slots[(context << 11) + slot];
  *at = symbol;
  const uint32_t range = ranges[context * CLASSES + symbol];
  return (range >> 16) * (state >> PROBABILITY_BITS) + slot - (range & 0xffff);
}

static inline uint32_t next_word(const uint8_t *from) {
  uint16_t word;
  memcpy(&word, from, 2);
  return word;
}

static const uint8_t *decode_row(uint32_t *restrict states, const uint8_t *restrict slots,
                                 const uint32_t *restrict ranges, const uint8_t *contexts, const uint8_t *map,
                                 uint8_t *classes, int width, const uint8_t *from) {
  int i = 0;
  if (contexts) {
    uint32_t x0 = states[0], x1 = states[1], x2 = states[2], x3 = states[3];
    uint32_t x4 = states[4], x5 = states[5], x6 = states[6], x7 = states[7];
/* Without a branch: gcc makes one of a conditional, and it is mispredicted half of the time. */
#define DECODE(x, k)                                                             \
  {                                                                              \
    x = decode_one(x, slots, ranges, contexts[i + k], classes + i + k);          \
    const uint32_t low = x < LOW;                                                \
    x = x << (low << 4) | (next_word(from) & -low);                              \
    from += low << 1;                                                            \
  }
    for (; i + 8 <= width; i += 8) {
      DECODE(x0, 0) DECODE(x1, 1) DECODE(x2, 2) DECODE(x3, 3)
      DECODE(x4, 4) DECODE(x5, 5) DECODE(x6, 6) DECODE(x7, 7)
    }
    states[0] = x0, states[1] = x1, states[2] = x2, states[3] = x3;
    states[4] = x4, states[5] = x5, states[6] = x6, states[7] = x7;
  }
  for (; i < width; i++) {
    const uint32_t context = contexts ? contexts[i] : map[activity_in_row(classes, i)];
    uint32_t x = decode_one(states[i & 7], slots, ranges, context, classes + i);
    if (x < LOW) {
      x = x << 16 | next_word(from);
      from += 2;
    }
    states[i & 7] = x;
  }
  return from;
}

const uint8_t *decode_classes(uint8_t *classes, const Geometry *g, const uint8_t *map, const uint8_t *slots,
                              const uint32_t *ranges, uint8_t *contexts, uint32_t *states, const uint8_t *from) {
  for (int t = 0; t < g->outer; t++)
    for (int z = 0; z < g->depth; z++)
      for (int y = 0; y < g->height; y++) {
        uint8_t *row = classes + row_of(g, t, z, y) * g->width;
        const int known = row_activity(classes, g, t, z, y, contexts);
        if (known)
          for (int i = 0; i < g->width; i++) contexts[i] = map[contexts[i]];
        from = decode_row(states, slots, ranges, known ? contexts : NULL, map, row, g->width, from);
      }
  return from;
}
