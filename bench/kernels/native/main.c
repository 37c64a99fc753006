/*
 * Times the kernels on a chunk that run.mjs wrote. Argument: a file of blocks (u32 length, bytes). Standard
 * input, one request a line:  time|STAGE|REPEATS -> nanoseconds a call;  dump|STAGE|FILE -> the output, in FILE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "kernels.h"

enum {
  GEOMETRY, VALUES, PLANS, MAP, TABLE, SLOTS, RANGES, SAMPLES, WEIGHTS, SOLUTION, RESIDUALS, CLASS_BYTES, CODED,
  BITS, FIT, BLOCKS
};

static uint8_t *block[BLOCKS];
static uint32_t length_of[BLOCKS];

/* 64-byte aligned, readable and writable 256 bytes past both ends. */
static void *buffer(size_t bytes) {
  uint8_t *memory = aligned_alloc(64, (bytes + 575) / 64 * 64);
  if (!memory) exit(2);
  memset(memory, 0, (bytes + 575) / 64 * 64);
  return memory + 256;
}

static void load(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) exit(2);
  for (int k = 0; k < BLOCKS; k++) {
    if (fread(&length_of[k], 4, 1, file) != 1) exit(2);
    block[k] = buffer(length_of[k]);
    if (length_of[k] && fread(block[k], length_of[k], 1, file) != 1) exit(2);
  }
  fclose(file);
}

static const void *output;
static size_t output_length;
static volatile uint64_t keep;

static void result(const void *from, size_t length) {
  output = from;
  output_length = length;
}

enum { BANDWIDTH_BYTES = 256 << 20 };

static void run(const char *stage, uint8_t *scratch, uint8_t *activity, float *sums, uint8_t *large) {
  const Geometry *g = (const Geometry *)block[GEOMETRY];
  const int32_t *fit = (const int32_t *)block[FIT];
  const size_t count = length_of[CLASS_BYTES];
  const float *values = (const float *)block[VALUES];
  const Stencil *plans = (const Stencil *)block[PLANS];
  uint8_t *classes = scratch + 4 * count + 512;
  if (!strcmp(stage, "stencil sums")) {
    predict(1, values, plans, g, sums, (uint32_t *)scratch, classes);
    result(sums, 4 * g->width);
  } else if (!strcmp(stage, "+ residuals")) {
    predict(2, values, plans, g, sums, (uint32_t *)scratch, classes);
    result(scratch, 4 * count);
  } else if (!strcmp(stage, "+ classes")) {
    predict(3, values, plans, g, sums, (uint32_t *)scratch, classes);
    result(classes, count);
  } else if (!strcmp(stage, "residual bits")) {
    const uint8_t *end = pack_bits((uint32_t *)block[RESIDUALS], block[CLASS_BYTES], count, scratch);
    result(scratch, end - scratch);
  } else if (!strcmp(stage, "count")) {
    count_chunk(block[CLASS_BYTES], g, activity, (uint32_t *)scratch);
    result(scratch, 193 * CLASSES * 4);
  } else if (!strcmp(stage, "range coder")) {
    uint32_t states[8];
    uint8_t *end = scratch + 4 * count;
    uint8_t *words = encode_classes(block[CLASS_BYTES], g, block[MAP], (EncodeEntry *)block[TABLE], activity, states, end);
    memcpy(words - 32, states, 32);
    result(words - 32, end - words + 32);
  } else if (!strcmp(stage, "checksums")) {
    static uint32_t sum[2];
    sum[0] = crc32c(block[CODED], length_of[CODED]);
    sum[1] = crc32c(block[BITS], length_of[BITS]);
    result(sum, 8);
  } else if (!strcmp(stage, "normal equations")) {
    normal_equations((double *)block[SAMPLES], (double *)block[WEIGHTS], fit[0], fit[1], (double *)scratch);
    result(scratch, 8 * fit[1] * fit[1]);
  } else if (!strcmp(stage, "sample errors")) {
    sample_errors((double *)block[SAMPLES], (double *)block[SOLUTION], fit[0], fit[1], (double *)scratch);
    result(scratch, 8 * fit[0]);
  } else if (!strcmp(stage, "decode classes")) {
    uint32_t states[8];
    memcpy(states, block[CODED], 32);
    decode_classes(classes, g, block[MAP], block[SLOTS], (uint32_t *)block[RANGES], activity, states, block[CODED] + 32);
    result(classes, count);
  } else if (!strcmp(stage, "decode bits")) {
    keep = unpack_bits(block[BITS], block[CLASS_BYTES], (uint32_t *)scratch, count);
    result(scratch, 4 * count);
  } else if (!strcmp(stage, "copy residuals")) {
    memcpy(scratch, block[RESIDUALS], 4 * count);
    result(scratch, 4 * count);
  } else if (!strcmp(stage, "copy + restore")) {
    memcpy(scratch, block[RESIDUALS], 4 * count);
    restore((float *)scratch, plans, g, sums);
    result(scratch, 4 * count);
  } else if (!strcmp(stage, "memory copy")) {
    memcpy(large + BANDWIDTH_BYTES / 2, large, BANDWIDTH_BYTES / 2);
  } else if (!strcmp(stage, "memory read")) {
    uint64_t sum = 0;
    const uint64_t *words = (const uint64_t *)large;
    for (size_t i = 0; i < BANDWIDTH_BYTES / 8; i++) sum += words[i];
    keep = sum;
  } else {
    exit(2);
  }
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  load(arguments[1]);
  build_crc_tables();
  const size_t values = length_of[CLASS_BYTES];
  uint8_t *scratch = buffer(8 * values + 300000), *activity = buffer(values), *large = buffer(BANDWIDTH_BYTES);
  float *sums = buffer(4 * (4 * (size_t)((Geometry *)block[GEOMETRY])->width + 256));
  char line[4200], verb[8], stage[64], rest[4096];
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "%7[^|]|%63[^|]|%4095[^\n]", verb, stage, rest) != 3) return 2;
    if (!strcmp(verb, "dump")) {
      run(stage, scratch, activity, sums, large);
      FILE *file = fopen(rest, "wb");
      if (!file || fwrite(output, 1, output_length, file) != output_length) return 2;
      fclose(file);
      puts("done");
    } else {
      struct timespec start, end;
      const int repeats = atoi(rest);
      clock_gettime(CLOCK_MONOTONIC, &start);
      for (int k = 0; k < repeats; k++) run(stage, scratch, activity, sums, large);
      clock_gettime(CLOCK_MONOTONIC, &end);
      printf("%.1f\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / repeats);
    }
    fflush(stdout);
  }
  return 0;
}
