/* Our kernels in C, for comparison with the WebAssembly ones: float32, no mask, no lattice. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { CLASSES = 65, PROBABILITY_BITS = 11, TOTAL = 1 << 11, LOW = 1 << 15 };

/* A chunk: outer x depth x height x width values in C order; `lag` as in packages/kernels. */
typedef struct {
  int32_t outer, depth, height, width, band_rows, lag;
} Geometry;

/* One kind's stencil, as packages/kernels lays it out in memory. */
typedef struct {
  int32_t count, unused;
  float left1, pad1, left2, pad2;
  int32_t sources[16][4];
  float weights[96];
} Stencil;

typedef struct {
  uint32_t full, multiplier;
  uint8_t shift, pad;
  uint16_t complement;
  uint32_t cumulative;
} EncodeEntry;

static inline int32_t ordered(float value) {
  int32_t bits;
  memcpy(&bits, &value, 4);
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

static inline int32_t ordered_prediction(float value) {
  int32_t bits;
  memcpy(&bits, &value, 4);
  return (bits & 0x7f800000) != 0x7f800000 ? bits ^ ((bits >> 31) & 0x7fffffff) : 0;
}

static inline float from_ordered(int32_t bits) {
  bits ^= (bits >> 31) & 0x7fffffff;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static inline size_t row_of(const Geometry *g, int t, int z, int y) {
  return ((size_t)t * g->depth + z) * g->height + y;
}

void predict(int stages, const float *values, const Stencil *plans, const Geometry *g, float *sums,
             uint32_t *residuals, uint8_t *classes);
void restore(float *values, const Stencil *plans, const Geometry *g, float *sums);

/* 0 where the row has neither a row above nor one behind. */
int row_activity(const uint8_t *classes, const Geometry *g, int t, int z, int y, uint8_t *activity);
uint32_t activity_in_row(const uint8_t *classes, size_t i);
void count_chunk(const uint8_t *classes, const Geometry *g, uint8_t *activity, uint32_t *counts);

uint8_t *encode_classes(const uint8_t *classes, const Geometry *g, const uint8_t *map,
                        const EncodeEntry *table, uint8_t *activity, uint32_t *states, uint8_t *to);
const uint8_t *decode_classes(uint8_t *classes, const Geometry *g, const uint8_t *map, const uint8_t *slots,
                              const uint32_t *ranges, uint8_t *contexts, uint32_t *states, const uint8_t *from);

uint8_t *pack_bits(const uint32_t *residuals, const uint8_t *classes, size_t count, uint8_t *to);
uint64_t unpack_bits(const uint8_t *bits, const uint8_t *classes, uint32_t *residuals, size_t count);

void normal_equations(const double *samples, const double *weights, int rows, int columns, double *sums);
void sample_errors(const double *samples, const double *solution, int rows, int columns, double *errors);

void build_crc_tables(void);
uint32_t crc32c(const uint8_t *from, size_t length);
