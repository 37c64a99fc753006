/* The activity around a value, and how often each class comes with each. */
#include "kernels.h"

static inline uint32_t activity_of(uint32_t north_west, uint32_t north, uint32_t north_east, uint32_t previous) {
  return (north_west + 2 * north + north_east + 2 * previous) >> 1;
}

static void activity_row(const uint8_t *restrict north, const uint8_t *restrict previous, uint8_t *restrict activity,
                         int width) {
  for (int i = 1; i < width - 1; i++) {
    const uint16_t sum = north[i - 1] + 2 * north[i] + north[i + 1] + 2 * previous[i];
    activity[i] = sum >> 1;
  }
  const int last = width - 1;
  activity[0] = activity_of(north[0], north[0], width > 1 ? north[1] : north[0], previous[0]);
  if (width > 1) activity[last] = activity_of(north[last - 1], north[last], north[last], previous[last]);
}

int row_activity(const uint8_t *classes, const Geometry *g, int t, int z, int y, uint8_t *activity) {
  const size_t width = g->width, slice = g->height * width;
  const uint8_t *row = classes + row_of(g, t, z, y) * width;
  const uint8_t *north = y % g->band_rows > 0 ? row - width : NULL;
  const uint8_t *previous = z > 0 ? row - slice : t > 0 ? row - slice * g->depth : NULL;
  if (!north && !previous) return 0;
  activity_row(north ? north : previous, previous ? previous : north, activity, g->width);
  return 1;
}

uint32_t activity_in_row(const uint8_t *classes, size_t i) {
  const uint32_t north = i >= 9 ? classes[i - 9] : 0;
  return activity_of(i >= 10 ? classes[i - 10] : 0, north, i >= 8 ? classes[i - 8] : 0, north);
}

void count_chunk(const uint8_t *classes, const Geometry *g, uint8_t *activity, uint32_t *counts) {
  memset(counts, 0, 194 * CLASSES * 4);
  for (int t = 0; t < g->outer; t++)
    for (int z = 0; z < g->depth; z++)
      for (int y = 0; y < g->height; y++) {
        const uint8_t *row = classes + row_of(g, t, z, y) * g->width;
        if (!row_activity(classes, g, t, z, y, activity))
          for (int i = 0; i < g->width; i++) activity[i] = activity_in_row(row, i);
        for (int i = 0; i < g->width; i++) counts[activity[i] * CLASSES + row[i]]++;
      }
}
