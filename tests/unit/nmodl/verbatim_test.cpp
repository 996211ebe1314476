// VERBATIM blocks of the kinds that published mechanisms have, translated, compiled and called by hand.
#include <cmath>

#include <gmock/gmock.h>

#include "unit/nmodl/compiled_mod.hpp"

namespace cellwright::nmodl::test {
namespace {

using ::testing::ElementsAre;
using Request = TestBlock::Request;

class VerbatimInBothModes : public ::testing::TestWithParam<NumericMode> {};
INSTANTIATE_TEST_SUITE_P(Verbatim, VerbatimInBothModes, ::testing::Values(NumericMode::strict, NumericMode::fast),
                         [](const auto& test) { return test.param == NumericMode::strict ? "strict" : "fast"; });

// ------------------------------------------------------------------------------------------------- lists of numbers

const char* const player = R"(
NEURON { ARTIFICIAL_CELL Player RANGE which, when, late }
PARAMETER { late = 0 }
ASSIGNED { which when (ms) list }
VERBATIM
#ifndef NRN_VERSION_GTEQ_8_2_0
extern double* vector_vec();
extern int vector_capacity(void* v);
#endif
#ifdef TALK
# define tell(...) printf(__VA_ARGS__)
#else
# define tell(...)
#endif
const int STOP = -3;
ENDVERBATIM
INITIAL {
VERBATIM
  #ifndef CORENEURON_BUILD /* open until the end of the block */
ENDVERBATIM
  which = 0
  if (advance()) { net_send(when - t, 1) }
VERBATIM
  #endif
ENDVERBATIM
}
NET_RECEIVE (w) {
  if (flag == 1) {
    net_event(t)
VERBATIM
    tell("event %g\n", t);
ENDVERBATIM
    if (advance() > 0 && when >= t) { net_send(when - t, 1) }
  } else if (flag == STOP) {
    again()
  }
}
FUNCTION advance() {
VERBATIM
  const int i = (int)which;
  IvocVect* const numbers = *((IvocVect**)(&list));
  int n; double *x;
  if (i < 0 || numbers == NULL)
    return 0;
  n = vector_capacity(numbers);
  x = vector_vec(numbers);
  if (i < n) {
    when = x[i];
    which += 1.;
    return which;
  }
  which = -1;
  return 0;
ENDVERBATIM
}
PROCEDURE again() {
  which = 0
VERBATIM
  while (advance(_threadargs_) && when < t) {} // those are over
  if (which > 0) {
    artcell_net_send(_tqitem, (double*)0, _ppvar[1].get<Point_process*>(), when, 1.0);
  }
ENDVERBATIM
}
PROCEDURE play() {
VERBATIM
  void** pv = (void**)(&list);
  *pv = (void*)0;
  if (ifarg(1)) { *pv = vector_arg(1); }
ENDVERBATIM
}
)";

TEST_P(VerbatimInBothModes, ListsOfTimesArePlayed) {
  const CompiledMod mod(player, GetParam());
  ASSERT_EQ(mod->n_vectors, 1);
  EXPECT_STREQ(mod->vector[0].name, "list");
  const double times[] = {2, 3.5, 3.5, 9};
  TestBlock block(*mod, 2);
  block.lists[0][lanes + 5] = {times, 4};
  block.initialise();
  EXPECT_THAT(block.requests, ElementsAre(Request{'s', 1, 5, 2, 1, -1}));  // the others have no list

  for (std::size_t k = 0; k < block.requests.size(); ++k) {
    const Request request = block.requests[k];
    if (request.kind == 's') block.receive(1, 5, request.time, request.flag, {0}, -1);
  }
  std::vector<double> played;
  for (const Request& request : block.requests) {
    if (request.kind == 'e') played.push_back(request.time);
  }
  EXPECT_THAT(played, ElementsAre(2, 3.5, 3.5, 9));
  EXPECT_EQ(block.var("which").at(1, 5), -1);
}

TEST_P(VerbatimInBothModes, EventsAtAbsoluteTimes) {
  const CompiledMod mod(player, GetParam());
  const double times[] = {2, 3.5, 5};
  TestBlock block(*mod, 1);
  block.lists[0][0] = {times, 3};

  block.receive(0, 0, 3, -3, {0}, 4);

  EXPECT_THAT(block.requests, ElementsAre(Request{'s', 0, 0, 3.5, 1, -1}));
}

const char* const delays = R"(
NEURON { POINT_PROCESS Delays THREADSAFE RANGE at, g BBCOREPOINTER times, sizes }
ASSIGNED { v at g times sizes }
INITIAL { g = 0 }
NET_RECEIVE (w, kind) {
  INITIAL {
    if (kind == 0) {
VERBATIM
      void *all = *((void**)(&_p_times));
      if (all && vector_capacity(all) >= 1) {
        double* value = vector_vec(all);
        int k;
        at = 0;
        for (k = 0; k < vector_capacity(all); ++k) {
          double soon = value[k];
ENDVERBATIM
          net_send(soon, 1)
VERBATIM
        }
      }
ENDVERBATIM
    }
VERBATIM
    return;
ENDVERBATIM
  }
  if (flag == 1) {
VERBATIM
    void *all = *((void**)(&_p_sizes));
    if (all && vector_capacity(all) >= at) {
      double* value = vector_vec(all);
      double size = value[(int)at];
ENDVERBATIM
      w = w*size
      at = at + 1
VERBATIM
    }
    return;
ENDVERBATIM
  }
  g = g + w
}
)";

TEST_P(VerbatimInBothModes, CBlocksMayEndInAnotherVerbatim) {
  const CompiledMod mod(delays, GetParam());
  ASSERT_EQ(mod->n_vectors, 2);
  EXPECT_EQ(mod->n_pointers, 0);
  const double times[] = {3, 7}, sizes[] = {0.5, 4};
  TestBlock block(*mod, 1);
  const int k_sizes = std::string(mod->vector[0].name) == "sizes" ? 0 : 1;
  block.lists[static_cast<std::size_t>(k_sizes)][2] = {sizes, 2};
  block.lists[static_cast<std::size_t>(1 - k_sizes)][2] = {times, 2};
  std::vector<double> weights = {6, 0};
  const cw_net_call call{0, 2, 8, 1, 0, weights.data()};

  mod->net_init(&block.block, &call);
  EXPECT_THAT(block.requests, ElementsAre(Request{'s', 0, 2, 4, 1, 8}, Request{'s', 0, 2, 8, 1, 8}));
  EXPECT_THAT(block.receive(0, 2, 4, 1, {6, 0}), ElementsAre(3, 0));
  EXPECT_THAT(block.receive(0, 2, 8, 1, {3, 0}), ElementsAre(12, 0));
  EXPECT_EQ(block.var("g").at(0, 2), 0);  // `return` came first
  block.receive(0, 2, 9, 0, {2, 0});
  EXPECT_EQ(block.var("g").at(0, 2), 2);
}

// --------------------------------------------------------------------------------------------------- random numbers

const char* const chance = R"(
NEURON { SUFFIX chance RANGE a, b, c, n, p, odd BBCOREPOINTER rng }
PARAMETER { n = 30 p = 0.25 }
ASSIGNED { a b c odd rng seeded }
VERBATIM
#include "nrnran123.h"
#ifndef NRN_VERSION_GTEQ_8_2_0
double nrn_random_pick(void* r);
#define CAST
#else
#define CAST (Rand*)
#endif
#define HALF 0.5
#define TWICE (4.0*HALF)
static double weigh(double x)
{
  static double part[3] = {1.0, -0.5, HALF};
  double sum = 0;
  int j;
  for (j = 0; j <= 2; j++) { sum += part[j]*x; }
  return sum*TWICE;
}
static void bbcore_write(double* x, int* d, int* xx, int* offset, _threadargsproto_) {
  if (d) { nrnran123_getids3((nrnran123_State*)_p_rng, (uint32_t*)d, 0, 0); }
  *offset += 3;
}
ENDVERBATIM
INITIAL {
VERBATIM
  if (cvode_active_ && n > 0) { hoc_execerror("no", "variable steps"); }
  if (seeded) { nrnran123_setseq((nrnran123_State*)_p_rng, 0, 0); }
ENDVERBATIM
  a = pick()
  b = weighed(a)
  c = count(p, n)
  odd = remainder(7)
}
FUNCTION pick() {
VERBATIM
  double value = 0.0;
  if (seeded) {
    value = nrnran123_dblpick((nrnran123_State*)_p_rng);
  } else if (_p_rng) {
    value = nrn_random_pick(CAST _p_rng);
  } else {
    value = -1;
  }
  _lpick = value;
ENDVERBATIM
}
FUNCTION weighed(x) {
VERBATIM
  return(weigh(_lx) + (_lx < 0 ? 1 : 0));
ENDVERBATIM
}
FUNCTION count(chance_, of) {
VERBATIM
  double hits = 0.0;
  int i = 0;
  do {
    if (pick(_threadargs_) < _lchance_) hits = hits + 1;
    i++;
    if (i >= 1000) break;
  } while (i < _lof);
  return hits;
ENDVERBATIM
}
FUNCTION remainder(x) {
  LOCAL whole
  whole = 3.9
VERBATIM
  int i = (int)_lx, j = _lwhole;
  _lremainder = i % j + i / j;
ENDVERBATIM
}
PROCEDURE seed() {
VERBATIM
  seeded = 0;
  if (ifarg(1)) {
    nrnran123_State** pv = (nrnran123_State**)(&_p_rng);
    if (*pv) { nrnran123_deletestream(*pv); *pv = (nrnran123_State*)0; }
    *pv = nrnran123_newstream3((uint32_t)*getarg(1), 0, 0);
    seeded = 1;
  }
ENDVERBATIM
}
)";

/// The numbers of h.Random() with Random123(11, 22, 33) and uniform(0, 1), from the first on:
/// tests/unit/nmodl/random_test.cpp
TEST_P(VerbatimInBothModes, GeneratorsBecomeStreams) {
  const CompiledMod mod(chance, GetParam());
  ASSERT_EQ(mod->n_randoms, 1);
  EXPECT_STREQ(mod->random[0].name, "rng");
  TestBlock block(*mod, 1);
  block.param("n").fill_row(0, 5);
  block.param("p").fill_row(0, 0.61);
  block.set_stream(0, 0, 1, 11, 22, 33);
  block.randoms[0][1].counter[0] = 9;  // setseq goes back to 0
  block.initialise();

  const double next[] = {0.7531715736833468, 0.6078376391418656, 0.9383277504382823, 0.29950714919261934,
                         0.008729362392628249};
  EXPECT_EQ(std::count_if(std::begin(next), std::end(next), [](double x) { return x < 0.61; }),
            block.var("c").at(0, 1));
  EXPECT_DOUBLE_EQ(block.var("b").at(0, 1), 2 * block.var("a").at(0, 1));
  EXPECT_GT(block.var("a").at(0, 1), 0);
  EXPECT_EQ(block.var("odd").at(0, 1), 7 % 3 + 7 / 3);
}

TEST_P(VerbatimInBothModes, StreamsWithoutIdentifiersAreNotSet) {
  const CompiledMod mod(chance, GetParam());
  TestBlock block(*mod, 1);
  block.initialise();

  EXPECT_EQ(block.var("a").at(0, 0), -1);
  EXPECT_EQ(block.var("b").at(0, 0), -1);
  EXPECT_EQ(block.var("c").at(0, 0), 30);
}

// nrn_random_pick without a Random123 generator: the distribution is that of the code for want of an object.
const char* const picked = R"(
NEURON { POINT_PROCESS picked RANGE a, b POINTER rng, other }
ASSIGNED { a b rng other }
INITIAL { a = uniform() b = exponential() }
FUNCTION uniform() {
VERBATIM
  if (_p_rng) {
    return nrn_random_pick((Rand*)_p_rng);
  } else {
ENDVERBATIM
    uniform = scop_random(1)
VERBATIM
  }
ENDVERBATIM
}
FUNCTION exponential() {
VERBATIM
  if (_p_other) { _lexponential = nrn_random_pick((Rand*)_p_other); } else {
ENDVERBATIM
    exponential = exprand(1)
VERBATIM
  }
ENDVERBATIM
}
PROCEDURE set() {
VERBATIM
  *((void**)(&_p_rng)) = nrn_random_arg(1);
ENDVERBATIM
}
)";

TEST_P(VerbatimInBothModes, RandomObjectsDrawAsWhatStandsInForThem) {
  const CompiledMod mod(picked, GetParam());
  ASSERT_EQ(mod->n_randoms, 2);
  ASSERT_EQ(mod->n_pointers, 0);
  TestBlock block(*mod, 1);
  for (int k = 0; k < 2; ++k) {
    block.set_stream(k, 0, 0, 11, 22, 33);
    for (std::uint32_t& word : block.randoms[static_cast<std::size_t>(k)][0].words) word = 1U << 31;
  }
  block.initialise();

  EXPECT_NEAR(block.var(std::string("a")).at(0, 0), 0.5, 1e-9);
  EXPECT_NEAR(block.var("b").at(0, 0), std::log(2), 1e-9);
}

}  // namespace
}  // namespace cellwright::nmodl::test
