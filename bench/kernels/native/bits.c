/* The bits below the leading one of every residual. */
#include "kernels.h"

uint8_t *pack_bits(const uint32_t *restrict residuals, const uint8_t *restrict classes, size_t count,
                   uint8_t *restrict to) {
  uint64_t pending = 0;
  uint32_t held = 0;
  for (size_t i = 0; i < count; i++) {
    const uint32_t bits = classes[i] ? classes[i] - 1 : 0;
    pending |= (residuals[i] & (((uint64_t)1 << bits) - 1)) << held;
    held += bits;
    if (held >= 32) {
      memcpy(to, &pending, 4);
      to += 4;
      pending >>= 32;
      held -= 32;
    }
  }
  memcpy(to, &pending, 8);
  return to + ((held + 7) >> 3);
}

uint64_t unpack_bits(const uint8_t *restrict bits, const uint8_t *restrict classes, uint32_t *restrict residuals,
                     size_t count) {
  uint64_t at = 0;
  for (size_t i = 0; i < count; i++) {
    const uint32_t some = classes[i] != 0, length = classes[i] - some;
    uint64_t value;
    memcpy(&value, bits + (at >> 3), 8);
    value >>= at & 7;
    residuals[i] = ((uint32_t)value & (((uint32_t)1 << length) - 1)) | some << length;
    at += length;
  }
  return at;
}
