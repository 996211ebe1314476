#include <gmock/gmock.h>

#include "simulate/neuron/mechanism_build.hpp"

namespace cellwright::simulate::neuron {
namespace {

TEST(DrawsRandomNumbers, KnowsTheFunctionsOfNmodlOfNeuronAndOfC) {
  for (const char* text : {"BREAKPOINT { i = amp * scop_random() }", "x = exprand (tau)", "x = normrand\n(0, 1)",
                           "n = poisrand(3)", "INITIAL { set_seed(7) }", "r = nrnran123_negexp(s);",
                           "_lr = nrn_random_pick(p);", "VERBATIM\n x = drand48();\nENDVERBATIM", "RANDOM stream"})
    EXPECT_TRUE(draws_random_numbers(std::string_view(text))) << text;
}

TEST(DrawsRandomNumbers, IsNotMisledByLongerNamesAndPlainWords) {
  for (const char* text : {"", "PARAMETER { rand = 1 }", "x = my_scop_random(1)", "y = random2(1)", "operand(2)",
                           "SUFFIX hh", ": a random channel, closed"})
    EXPECT_FALSE(draws_random_numbers(std::string_view(text))) << text;
}

}  // namespace
}  // namespace cellwright::simulate::neuron
