/*
 * The training step of the published network in C, for comparison: forward, backward, Adam. With
 * -DBLAS matrix products of the whole batch are OpenBLAS's (one thread); without, tiles of 64 rows go
 * through plain loops that the compiler vectorises. The arithmetic is that of
 * packages/kernels/src/network, to rounding.
 *
 *   step FILE: i32 d, outputs, k, n, m, batch, count, then f32 parameters (B, p, weights and biases layer
 *   by layer), i32 indices[batch], f32 coordinates[count][d], f32 targets[count][outputs].
 *   Every line of input holds a number of steps; every line of output nanoseconds of CPU time and the last loss.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef BLAS
#include <cblas.h>
void openblas_set_num_threads(int);
#define TILE batch
#else
#define TILE 64
#endif

static int d, outputs, k, n, m, batch, count, layers;
static float *parameters, *first, *second, *gradients, *coordinates, *targets;
static int32_t *indices;
static float *x[16], *z[16], *delta[2];
static int in[16], out[16];
static size_t weightsAt[16], biasAt[16], total;
static int steps;

static void *floats(size_t size) {
  void *p = aligned_alloc(64, (size * 4 + 127) / 64 * 64);
  memset(p, 0, size * 4);
  return p;
}

static inline void sineCosine(float t, float *sine, float *cosine) {
  float q = rintf(t * 4);
  int i = (int)q;
  float r = (t - q * 0.25f) * 6.283185307179586f, zz = r * r;
  float s = r + r * zz * (-1.6666654611e-1f + zz * (8.3321608736e-3f + zz * -1.9515295891e-4f));
  float c = 1 - 0.5f * zz + zz * zz * (4.166664568298827e-2f + zz * (-1.388731625493765e-3f + zz * 2.443315711809948e-5f));
  uint32_t swap = -(uint32_t)(i & 1);
  union { float f; uint32_t u; } S = {s}, C = {c}, a, b;
  a.u = ((S.u & ~swap) | (C.u & swap)) ^ ((uint32_t)(i & 2) << 30);
  b.u = ((C.u & ~swap) | (S.u & swap)) ^ ((uint32_t)((i + 1) & 2) << 30);
  *sine = a.f;
  *cosine = b.f;
}

/* c (rows x N) = a (rows x K) * w (K x N) */
static void product(const float *a, const float *w, float *c, int rows, int K, int N) {
#ifdef BLAS
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, N, K, 1, a, K, w, N, 0, c, N);
#else
  memset(c, 0, (size_t)rows * N * 4);
  for (int i = 0; i < rows; i += 4)
    for (int l = 0; l < K; l++) {
      const float *restrict row = w + (size_t)l * N;
      float a0 = a[i * K + l], a1 = a[(i + 1) * K + l], a2 = a[(i + 2) * K + l], a3 = a[(i + 3) * K + l];
      float *restrict c0 = c + i * N, *restrict c1 = c0 + N, *restrict c2 = c1 + N, *restrict c3 = c2 + N;
      for (int j = 0; j < N; j++) {
        c0[j] += a0 * row[j];
        c1[j] += a1 * row[j];
        c2[j] += a2 * row[j];
        c3[j] += a3 * row[j];
      }
    }
#endif
}

/* g (K x N) += a' (rows x K) * b (rows x N) */
static void accumulate(const float *a, const float *b, float *g, int rows, int K, int N) {
#ifdef BLAS
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, K, N, rows, 1, a, K, b, N, 1, g, N);
#else
  for (int l = 0; l < K; l += 4)
    for (int i = 0; i < rows; i++) {
      const float *restrict row = b + (size_t)i * N;
      float *restrict g0 = g + (size_t)l * N, *restrict g1 = g0 + N, *restrict g2 = g1 + N, *restrict g3 = g2 + N;
      float a0 = a[i * K + l], a1 = a[i * K + l + 1], a2 = a[i * K + l + 2], a3 = a[i * K + l + 3];
      for (int j = 0; j < N; j++) {
        g0[j] += a0 * row[j];
        g1[j] += a1 * row[j];
        g2[j] += a2 * row[j];
        g3[j] += a3 * row[j];
      }
    }
#endif
}

/* c (rows x K) = b (rows x N) * w' (K x N) */
static void productTransposed(const float *b, const float *w, float *c, int rows, int K, int N) {
#ifdef BLAS
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, K, N, 1, b, N, w, N, 0, c, K);
#else
  static float *turned;
  if (!turned) turned = floats(1 << 20);
  for (int l = 0; l < K; l++)
    for (int j = 0; j < N; j++) turned[(size_t)j * K + l] = w[(size_t)l * N + j];
  product(b, turned, c, rows, N, K);
#endif
}

static double step(float rate) {
  double loss = 0;
  float factor = 2.0f / ((float)outputs * batch);
  memset(gradients, 0, total * 4);
  float *B = parameters, *p = parameters + k * d, *gB = gradients, *gp = gradients + k * d;
  for (int start = 0; start < batch; start += TILE) {
    int rows = batch - start < TILE ? batch - start : TILE;
    for (int i = 0; i < rows; i++) {
      const float *v = coordinates + (size_t)indices[start + i] * d;
      float *to = x[0] + (size_t)i * 2 * k;
      float turns[k];
      for (int j = 0; j < k; j++) {
        turns[j] = p[j];
        for (int a = 0; a < d; a++) turns[j] += v[a] * B[j * d + a];
      }
      for (int j = 0; j < k; j++) sineCosine(turns[j], to + j, to + k + j);
    }
    for (int l = 0; l < layers; l++) {
      float *to = l < layers - 1 ? x[l + 1] : z[0];
      product(x[l], parameters + weightsAt[l], to, rows, in[l], out[l]);
      const float *bias = l ? parameters + biasAt[l] : 0;
      int last = l == layers - 1;
      for (int i = 0; i < rows; i++)
        for (int j = 0; j < out[l]; j++) {
          float value = to[(size_t)i * out[l] + j] + (bias ? bias[j] : 0);
          to[(size_t)i * out[l] + j] = last || value > 0 ? value : 0;
        }
    }
    for (int i = 0; i < rows; i++) {
      const float *target = targets + (size_t)indices[start + i] * outputs;
      for (int j = 0; j < outputs; j++) {
        float difference = z[0][(size_t)i * outputs + j] - target[j];
        loss += difference * difference;
        z[0][(size_t)i * outputs + j] = difference * factor;
      }
    }
    float *from = z[0];
    for (int l = layers - 1; l >= 0; l--) {
      if (l) {
        float *g = gradients + biasAt[l];
        for (int i = 0; i < rows; i++)
          for (int j = 0; j < out[l]; j++) g[j] += from[(size_t)i * out[l] + j];
      }
      accumulate(x[l], from, gradients + weightsAt[l], rows, in[l], out[l]);
      float *to = delta[l & 1];
      productTransposed(from, parameters + weightsAt[l], to, rows, in[l], out[l]);
      if (l)
        for (size_t i = 0; i < (size_t)rows * in[l]; i++) to[i] = x[l][i] > 0 ? to[i] : 0;
      from = to;
    }
    for (int i = 0; i < rows; i++) {
      const float *v = coordinates + (size_t)indices[start + i] * d;
      const float *f = x[0] + (size_t)i * 2 * k, *e = from + (size_t)i * 2 * k;
      for (int j = 0; j < k; j++) {
        float turns = 6.283185307179586f * (e[j] * f[k + j] - e[k + j] * f[j]);
        for (int a = 0; a < d; a++) gB[j * d + a] += turns * v[a];
        gp[j] += turns;
      }
    }
  }
  steps++;
  float c1 = 1 / (1 - powf(0.9f, steps)), c2 = 1 / (1 - powf(0.99f, steps));
  for (size_t i = 0; i < total; i++) {
    first[i] = 0.9f * first[i] + 0.1f * gradients[i];
    second[i] = 0.99f * second[i] + 0.01f * gradients[i] * gradients[i];
    parameters[i] -= rate * c1 * first[i] / (sqrtf(second[i] * c2) + 1e-8f);
  }
  return loss / ((double)batch * outputs);
}

int main(int arguments, char **names) {
  if (arguments < 2) return 2;
#ifdef BLAS
  openblas_set_num_threads(1);
#endif
  FILE *file = fopen(names[1], "rb");
  int32_t head[7];
  if (!file || fread(head, 4, 7, file) != 7) return 1;
  d = head[0], outputs = head[1], k = head[2], n = head[3], m = head[4], batch = head[5], count = head[6];
  layers = m + 2;
  total = (size_t)k * (d + 1);
  for (int l = 0; l < layers; l++) {
    in[l] = l ? n : 2 * k;
    out[l] = l < layers - 1 ? n : outputs;
    weightsAt[l] = total;
    total += (size_t)in[l] * out[l];
    biasAt[l] = total;
    if (l) total += out[l];
    x[l] = floats((size_t)batch * in[l]);
  }
  z[0] = floats((size_t)batch * outputs);
  for (int i = 0; i < 2; i++) delta[i] = floats((size_t)batch * (2 * k > n ? 2 * k : n));
  parameters = floats(total), first = floats(total), second = floats(total), gradients = floats(total);
  indices = floats(batch), coordinates = floats((size_t)count * d), targets = floats((size_t)count * outputs);
  if (fread(parameters, 4, total, file) != total || fread(indices, 4, batch, file) != (size_t)batch) return 1;
  if (fread(coordinates, 4, (size_t)count * d, file) != (size_t)count * d) return 1;
  if (fread(targets, 4, (size_t)count * outputs, file) != (size_t)count * outputs) return 1;
  int repeats;
  while (scanf("%d", &repeats) == 1) {
    struct timespec a, b;
    double loss = 0;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    for (int i = 0; i < repeats; i++) loss = step(1e-3f);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    printf("%lld %.9g\n", (long long)(b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec, loss);
    fflush(stdout);
  }
  return 0;
}
