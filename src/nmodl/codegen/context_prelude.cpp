#include "nmodl/codegen/prelude.hpp"

namespace cellwright::nmodl {

// Streams: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011),
// counter, order of the words and conversions as in NEURON (neuron-semantics 5.10).
const char* const context_prelude = R"PRELUDE(
// The instance and lane that generated code runs for.
struct Context {
  const cw_block* block;
  int32_t instance, lane, connection;
};

CW_INLINE void cw_net_send(const Context& c, double t, double delay, double flag) {
  c.block->events->net_send(c.block->events->self, c.block->id, c.instance, c.lane, t + delay, flag, c.connection);
}
CW_INLINE void cw_c_net_send_at(const Context& c, double time, double flag) {
  c.block->events->net_send(c.block->events->self, c.block->id, c.instance, c.lane, time, flag, -1);
}
CW_INLINE void cw_net_event(const Context& c, double time) {
  c.block->events->net_event(c.block->events->self, c.block->id, c.instance, c.lane, time);
}
CW_INLINE void cw_net_move(const Context& c, double time) {
  c.block->events->net_move(c.block->events->self, c.block->id, c.instance, c.lane, time);
}
CW_INLINE void cw_watch(const Context& c, int32_t condition, double flag) {
  c.block->events->watch(c.block->events->self, c.block->id, c.instance, c.lane, condition, flag);
}

CW_INLINE double cw_pointing(const Context& c, int pointer) {
  return c.block->pointer[pointer][c.instance] != nullptr ? 1.0 : 0.0;
}
CW_INLINE double cw_follow(const cw_real* target, int lane) {
  return target != nullptr ? target[lane] : __builtin_nan("");
}

CW_INLINE const cw_vector& cw_list(const Context& c, int list) {
  return c.block->vector[list][static_cast<long>(c.instance) * W + c.lane];
}
CW_INLINE double cw_vector_size(const cw_vector& list) { return static_cast<double>(list.size); }
CW_INLINE double cw_vector_is_set(const cw_vector& list) { return list.value != nullptr ? 1.0 : 0.0; }
CW_INLINE double cw_vector_element(const cw_vector& list, double index) {
  const int i = cw_int(index);
  return i >= 0 && i < list.size ? list.value[i] : __builtin_nan("");
}

CW_INLINE cw_random& cw_stream(const Context& c, int stream) {
  return c.block->random[stream][static_cast<long>(c.instance) * W + c.lane];
}
[[maybe_unused]] void cw_fill(cw_random& r) {
  uint32_t x[4] = {r.counter[0], r.counter[1], r.counter[2], r.counter[3]}, key[2] = {r.key[0], r.key[1]};
  for (int round = 0; round < 10; ++round) {
    const uint64_t low = uint64_t{0xD2511F53} * x[0], high = uint64_t{0xCD9E8D57} * x[2];
    x[0] = static_cast<uint32_t>(high >> 32) ^ x[1] ^ key[0];
    x[2] = static_cast<uint32_t>(low >> 32) ^ x[3] ^ key[1];
    x[1] = static_cast<uint32_t>(high);
    x[3] = static_cast<uint32_t>(low);
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  for (int i = 0; i < 4; ++i) r.words[i] = x[i];
}
[[maybe_unused]] uint32_t cw_draw(cw_random& r) {
  const uint32_t word = r.words[r.next++];
  if (r.next > 3) {
    r.next = 0;
    ++r.counter[0];
    cw_fill(r);
  }
  return word;
}
CW_INLINE double cw_random_is_set(const cw_random& r) { return r.is_set != 0 ? 1.0 : 0.0; }
CW_INLINE double cw_random_ipick(cw_random& r) { return static_cast<double>(cw_draw(r)); }
CW_INLINE double cw_random_dpick(cw_random& r) { return (static_cast<double>(cw_draw(r)) + 1.0) * (1.0 / 4294967297.0); }
CW_INLINE double cw_random_uniform(cw_random& r) { return cw_random_dpick(r); }
CW_INLINE double cw_random_uniform(cw_random& r, double low, double high) {
  return low + cw_random_dpick(r) * (high - low);
}
CW_INLINE double cw_random_negexp(cw_random& r) { return -__builtin_log(cw_random_dpick(r)); }
CW_INLINE double cw_random_negexp(cw_random& r, double mean) { return mean * cw_random_negexp(r); }
[[maybe_unused]] double cw_random_normal(cw_random& r) {
  double x, square;
  do {
    x = 2.0 * cw_random_dpick(r) - 1.0;
    const double y = 2.0 * cw_random_dpick(r) - 1.0;
    square = x * x + y * y;
  } while (square > 1.0);
  return x * __builtin_sqrt(-2.0 * __builtin_log(square) / square);
}
CW_INLINE double cw_random_normal(cw_random& r, double mean, double deviation) {
  return mean + cw_random_normal(r) * deviation;
}
// A whole number below 2^32; others become 0.
CW_INLINE uint32_t cw_word(double x) { return x >= 0 && x < 4294967296.0 ? static_cast<uint32_t>(x) : 0; }
// position: sequence * 4 + word of the block.
CW_INLINE void cw_random_setseq(cw_random& r, double position) {
  const double sequence = __builtin_floor(position / 4.0);
  r.counter[0] = cw_word(sequence);
  r.next = cw_word(position - 4.0 * sequence);
  cw_fill(r);
}
CW_INLINE void cw_random_setids(cw_random& r, double id1, double id2, double id3) {
  r.counter[1] = cw_word(id3);
  r.counter[2] = cw_word(id1);
  r.counter[3] = cw_word(id2);
  r.is_set = 1;
  cw_fill(r);
}

)PRELUDE";

}  // namespace cellwright::nmodl
