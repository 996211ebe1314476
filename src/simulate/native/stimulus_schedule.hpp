#pragma once
/// The stimuli of one lane of the variable step: between two edges each is a straight line.

#include <vector>

#include "cellwright/compile/compiled_model.hpp"

namespace cellwright::simulate::native {

class StimulusSchedule {
 public:
  /// A current into a node at time t of the present stretch: at_begin + slope (t - begin).
  struct Line {
    std::int32_t node;
    double at_begin, slope;
  };

  /// @param protocol  outlives this object's use.
  void begin(const compile::CompiledProtocol& protocol);
  /// The end of the present stretch: an edge of a stimulus or the end of the protocol, ms.
  double end_ms() const { return edges_[stretch_ + 1]; }
  bool is_last() const { return stretch_ + 2 == edges_.size(); }
  /// Goes on to the next stretch.
  void advance();
  const std::vector<Line>& lines() const { return lines_; }
  double begin_ms() const { return edges_[stretch_]; }

 private:
  void find_lines();

  const compile::CompiledProtocol* protocol_ = nullptr;
  std::vector<double> edges_;  ///< 0, ..., duration
  std::size_t stretch_ = 0;
  std::vector<Line> lines_;
};

}  // namespace cellwright::simulate::native
