/* Weighted normal equations (lower triangle), and a solution's errors. */
#include <math.h>
#include "kernels.h"

void normal_equations(const double *restrict samples, const double *restrict weights, int rows, int columns,
                      double *restrict sums) {
  memset(sums, 0, sizeof(double) * columns * columns);
  for (int r = 0; r < rows; r++) {
    const double *x = samples + (size_t)r * columns;
    for (int i = 0; i < columns; i++) {
      const double factor = x[i] * weights[r];
      double *restrict to = sums + (size_t)i * columns;
      for (int j = 0; j <= i; j++) to[j] += factor * x[j];
    }
  }
}

void sample_errors(const double *restrict samples, const double *restrict solution, int rows, int columns,
                   double *restrict errors) {
  for (int r = 0; r < rows; r++) {
    const double *x = samples + (size_t)r * columns;
    double even = 0, odd = 0;
    for (int j = 0; j < columns; j += 2) {
      even += solution[j] * x[j];
      odd += solution[j + 1] * x[j + 1];
    }
    errors[r] = fabs(x[columns - 1] - (even + odd));
  }
}
