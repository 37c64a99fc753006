/* Prediction, residuals and classes, and the way back. */
#include "kernels.h"

static inline int clamp(int value, int low, int high) {
  return value < low ? low : value > high ? high : value;
}

static inline int kind_of(const Geometry *g, int t, int z, int y) {
  return (y % g->band_rows > 0) | (z > 0) << 1 | (t > 0) << 2;
}

static void first_source(float *restrict sums, const float *restrict a, const float *w, int width) {
  const float a0 = w[0], a1 = w[1], a2 = w[2];
  for (int i = 1; i < width - 1; i++) sums[i] = a0 * a[i - 1] + a1 * a[i] + a2 * a[i + 1];
}

static void first_two_sources(float *restrict sums, const float *restrict a, const float *restrict b, const float *w,
                              int width) {
  const float a0 = w[0], a1 = w[1], a2 = w[2], b0 = w[3], b1 = w[4], b2 = w[5];
  for (int i = 1; i < width - 1; i++)
    sums[i] = a0 * a[i - 1] + a1 * a[i] + a2 * a[i + 1] + b0 * b[i - 1] + b1 * b[i] + b2 * b[i + 1];
}

static void two_more_sources(float *restrict sums, const float *restrict a, const float *restrict b, const float *w,
                             int width) {
  const float a0 = w[0], a1 = w[1], a2 = w[2], b0 = w[3], b1 = w[4], b2 = w[5];
  for (int i = 1; i < width - 1; i++)
    sums[i] = sums[i] + a0 * a[i - 1] + a1 * a[i] + a2 * a[i + 1] + b0 * b[i - 1] + b1 * b[i] + b2 * b[i + 1];
}

static float end_value(const float *const *rows, int count, const float *w, int left, int at, int right) {
  float sum = 0;
  for (int k = 0; k < count; k++, w += 3) {
    const float product = w[0] * rows[k][left];
    sum = k == 0 ? product : sum + product;
    sum = sum + w[1] * rows[k][at];
    sum = sum + w[2] * rows[k][right];
  }
  return sum;
}

static void stencil_row(const float *values, const Stencil *s, const Geometry *g, int t, int z, int y, float *sums) {
  const int width = g->width, count = s->count;
  const float *rows[16];
  if (count == 0) {
    memset(sums, 0, 4 * (size_t)width);
    return;
  }
  for (int k = 0; k < count; k++) {
    const int dt = s->sources[k][0], dz = s->sources[k][1], dy = s->sources[k][2];
    const int t2 = t + dt > 0 ? t + dt : 0, z2 = clamp(z + dz, 0, g->depth - 1);
    const int low = (dt | dz) == 0 ? y - y % g->band_rows : 0;
    rows[k] = values + row_of(g, t2, z2, clamp(y + dy, low, g->height - 1)) * width;
  }
  int k = count & 1;
  if (k) first_source(sums, rows[0], s->weights, width);
  else {
    first_two_sources(sums, rows[0], rows[1], s->weights, width);
    k = 2;
  }
  for (; k < count; k += 2) two_more_sources(sums, rows[k], rows[k + 1], s->weights + 3 * k, width);
  sums[0] = end_value(rows, count, s->weights, 0, 0, width > 1);
  if (width > 1) sums[width - 1] = end_value(rows, count, s->weights, width - 2, width - 1, width - 1);
}

static float row_start(const float *values, const Geometry *g, int kind, int t, int z, int y) {
  size_t back;
  if (kind & 1) back = 1;
  else if (kind & 2) back = g->height;
  else if (kind & 4) back = (size_t)g->depth * g->height;
  else return 0;
  return values[(row_of(g, t, z, y) - back) * g->width];
}

static inline uint32_t zigzag(uint32_t difference) {
  return difference << 1 ^ (uint32_t)((int32_t)difference >> 31);
}

static void residual_row(const float *restrict row, const float *restrict sums, float w1, float w2, float start,
                         uint32_t *restrict residuals, int width) {
  for (int i = 2; i < width; i++) {
    const float predicted = sums[i] + (w1 * row[i - 1] + w2 * row[i - 2]);
    residuals[i] = zigzag((uint32_t)ordered(row[i]) - (uint32_t)ordered_prediction(predicted));
  }
  float p1 = start, p2 = start;
  for (int i = 0; i < width && i < 2; i++) {
    const float predicted = sums[i] + (w1 * p1 + w2 * p2);
    residuals[i] = zigzag((uint32_t)ordered(row[i]) - (uint32_t)ordered_prediction(predicted));
    p2 = p1;
    p1 = row[i];
  }
}

static void class_row(const uint32_t *restrict residuals, uint8_t *restrict classes, int width) {
  for (int i = 0; i < width; i++) classes[i] = residuals[i] ? 32 - __builtin_clz(residuals[i]) : 0;
}

/* stages 1: stencil sums; 2: and residuals; 3: and classes. */
void predict(int stages, const float *values, const Stencil *plans, const Geometry *g, float *sums,
             uint32_t *residuals, uint8_t *classes) {
  for (int t = 0; t < g->outer; t++)
    for (int z = 0; z < g->depth; z++)
      for (int y = 0; y < g->height; y++) {
        const int kind = kind_of(g, t, z, y);
        const size_t at = row_of(g, t, z, y) * g->width;
        stencil_row(values, plans + kind, g, t, z, y, sums);
        if (stages < 2) continue;
        const float start = row_start(values, g, kind, t, z, y);
        residual_row(values + at, sums, plans[kind].left1, plans[kind].left2, start, residuals + at, g->width);
        if (stages > 2) class_row(residuals + at, classes + at, g->width);
      }
}

typedef struct {
  float *row, *sums, w1, w2, start;
} Lane;

/* The residual at `at` in, the value out. */
static inline float restore_one(float *at, float sum, float w1, float w2, float p1, float p2) {
  uint32_t residual;
  memcpy(&residual, at, 4);
  const float predicted = sum + (w1 * p1 + w2 * p2);
  const float value = from_ordered((int32_t)((uint32_t)ordered_prediction(predicted) + ((residual >> 1) ^ -(residual & 1))));
  *at = value;
  return value;
}

static void restore_row(const Lane *l, int width) {
  float p1 = l->start, p2 = l->start;
  for (int i = 0; i < width; i++) {
    const float value = restore_one(l->row + i, l->sums[i], l->w1, l->w2, p1, p2);
    p2 = p1;
    p1 = value;
  }
}

/* Four rows that do not depend on each other: the recursion along a row is what limits one. */
static void restore_rows4(const Lane *l, int width) {
  float *const r0 = l[0].row, *const r1 = l[1].row, *const r2 = l[2].row, *const r3 = l[3].row;
  const float *const s0 = l[0].sums, *const s1 = l[1].sums, *const s2 = l[2].sums, *const s3 = l[3].sums;
  const float u0 = l[0].w1, u1 = l[1].w1, u2 = l[2].w1, u3 = l[3].w1;
  const float v0 = l[0].w2, v1 = l[1].w2, v2 = l[2].w2, v3 = l[3].w2;
  float p0 = l[0].start, p1 = l[1].start, p2 = l[2].start, p3 = l[3].start;
  float q0 = p0, q1 = p1, q2 = p2, q3 = p3;
  for (int i = 0; i < width; i++) {
    const float a = restore_one(r0 + i, s0[i], u0, v0, p0, q0);
    const float b = restore_one(r1 + i, s1[i], u1, v1, p1, q1);
    const float c = restore_one(r2 + i, s2[i], u2, v2, p2, q2);
    const float d = restore_one(r3 + i, s3[i], u3, v3, p3, q3);
    q0 = p0, p0 = a;
    q1 = p1, p1 = b;
    q2 = p2, p2 = c;
    q3 = p3, p3 = d;
  }
}

/* Residuals at `values` become values, four slices at once, each `lag` rows behind the one before it. */
void restore(float *values, const Stencil *plans, const Geometry *g, float *sums) {
  const int slices = g->outer * g->depth;
  const size_t stride = (g->width + 8 + 15) & ~15;
  for (int first = 0; first < slices; first += 4) {
    const int group = slices - first < 4 ? slices - first : 4;
    for (int tick = 0; tick < g->height + g->lag * (group - 1); tick++) {
      Lane lanes[4];
      int active = 0;
      for (int k = 0; k < group; k++) {
        const int y = tick - g->lag * k;
        if (y < 0 || y >= g->height) continue;
        const int t = (first + k) / g->depth, z = (first + k) % g->depth, kind = kind_of(g, t, z, y);
        float *const to = sums + active * stride;
        stencil_row(values, plans + kind, g, t, z, y, to);
        lanes[active++] = (Lane){values + row_of(g, t, z, y) * g->width, to, plans[kind].left1, plans[kind].left2,
                                 row_start(values, g, kind, t, z, y)};
      }
      if (active == 4) restore_rows4(lanes, g->width);
      else for (int k = 0; k < active; k++) restore_row(lanes + k, g->width);
    }
  }
}
