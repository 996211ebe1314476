#include "simulate/native/waveform_player.hpp"

namespace cellwright::simulate::native {

double WaveformPlayer::current_na(double t_ms) {
  const std::vector<double>& time = waveform_->time_ms;
  const std::vector<double>& current = waveform_->current_na;
  while (next_ + 1 < time.size() && time[next_] <= t_ms) ++next_;
  if (next_ == 0 || t_ms <= time.front()) return current.front();
  const double t0 = time[next_ - 1], t1 = time[next_], i0 = current[next_ - 1], i1 = current[next_];
  if (t0 == t1) return (i0 + i1) / 2.0;
  return i0 + (i1 - i0) * ((t_ms - t0) / (t1 - t0));
}

}  // namespace cellwright::simulate::native
