#pragma once
/// How long the first step behind an event is, and whether it keeps the history from before it.

namespace cellwright::simulate::native {

/// Of one lane; what it says follows from that lane's steps alone. Lengths in ms, errors in units of the error allowed.
/// A step that keeps the history (LaneHistory::coefficients_behind_kink) is as long as what the event has not touched
/// allows, and what the event has. Without history all that moves has to be found out anew.
class EventPace {
 public:
  /// @param restart_h_ms  the first step without history.
  void start(double restart_h_ms);

  /// A step was accepted. @param difference  of its solution to the prediction. @param cut  it would have been longer
  /// but for something in the way.
  void accepted(double h_ms, double difference, int order, bool cut);
  /// The same step was the first behind an event, with the history. @param error_anew  of that step without.
  void kept(double h_ms, double error, double error_anew, bool cut);
  /// The same step was the first without history. @param next_h_ms  the length that its error would have allowed.
  void restarted(double next_h_ms) { restart_h_ = next_h_ms; }

  /// An event came. @param h_ms  the length of the next step without it.
  /// @returns the length of a step that keeps the history; 0: it is not worth keeping.
  double begin(double h_ms);
  /// The step that kept the history failed. @returns as begin().
  double retry(double h_ms, double error);
  double restart_h_ms() const { return restart_h_; }

 private:
  struct Step {
    double h_ms, difference;
    int order;
  };
  static double allowed(const Step& step);
  bool is_worth_it(double h_ms) const;

  Step last_{};           ///< of those that nothing was in the way of
  double smooth_h_ = 0;   ///< what goes on through events allows, as later steps tell
  double event_h_ = 0;    ///< what follows them allows
  double restart_h_ = 0;  ///< what moves allows
  int failures_ = 0;      ///< of this event
  double failed_h_ = 0, failed_error_ = 0;
};

}  // namespace cellwright::simulate::native
