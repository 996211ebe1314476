#include "cellwright/evaluate/rank_crew.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "evaluate/rank_message.hpp"

namespace cellwright::evaluate {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// The pause between two looks for messages: short while there is traffic, so that messages are prompt, longer later,
/// so that waiting costs the threads that evaluate nothing.
class Pause {
 public:
  double next() {
    const double seconds = seconds_;
    seconds_ = std::min(seconds_ * 1.3, longest_s);
    return seconds;
  }
  void reset() { seconds_ = shortest_s; }

 private:
  static constexpr double shortest_s = 2e-5, longest_s = 2e-3;
  double seconds_ = shortest_s;
};

DistributionError lost(const std::string& name, double seconds) {
  return DistributionError(Diagnostic{
      .code = "rank-lost",
      .message = fmt::format("{} has not been heard of for {:.0f} s: its process, its machine or the network "
                             "between has failed",
                             name, seconds),
      .fix = "start the run again with --resume: it goes on, and what has arrived is not lost"});
}

class RankCrew final : public Crew {
 public:
  RankCrew(parallel::Ranks& ranks, std::unique_ptr<Crew> own, std::vector<Place> others, RankPatience patience)
      : ranks_(ranks), own_(std::move(own)), places_(own_->places()), patience_(patience) {
    places_.front().name = fmt::format("rank 0 on {}", ranks.host());
    std::ranges::move(others, std::back_inserter(places_));
    heard_.assign(places_.size(), Clock::now());
  }

  const std::vector<Place>& places() const override { return places_; }

  void start(std::size_t place, Chunk chunk) override {
    if (place == 0) return own_->start(0, std::move(chunk));
    ranks_.send(static_cast<int>(place), pack_chunk(chunk));
  }

  std::optional<FinishedChunk> wait(double seconds) override {
    const Clock::time_point start = Clock::now();
    pause_.reset();
    do {
      if (std::optional<FinishedChunk> result = read_messages()) return result;
      if (std::optional<FinishedChunk> result = own_->wait(std::min(pause_.next(), seconds))) return result;
    } while (seconds_since(start) < seconds);
    return std::nullopt;
  }

 private:
  std::optional<FinishedChunk> read_messages() {
    look_for_life();
    while (const std::optional<parallel::RankMessage> message = ranks_.receive()) {
      const auto place = static_cast<std::size_t>(message->from);
      heard_[place] = Clock::now();
      const RankMessageKind kind = kind_of(message->bytes);
      if (kind == RankMessageKind::result || kind == RankMessageKind::failure)
        return unpack_result(message->bytes, place, places_[place].name);
    }
    return std::nullopt;
  }

  /// Now and then. After a pause of our own the others are given their time again: their signs wait to be read.
  void look_for_life() {
    const double silent = seconds_since(last_look_);
    if (silent < patience_.sign_every_s / 4) return;
    if (silent > patience_.lost_after_s / 2) std::ranges::fill(heard_, Clock::now());
    last_look_ = Clock::now();
    const bool sign = seconds_since(last_sign_) >= patience_.sign_every_s;
    if (sign) last_sign_ = Clock::now();
    for (std::size_t place = 1; place < places_.size(); ++place) {
      if (sign) ranks_.send(static_cast<int>(place), pack_alive());
      const double quiet = seconds_since(heard_[place]);
      if (quiet > patience_.lost_after_s) throw lost(places_[place].name, quiet);
    }
  }

  parallel::Ranks& ranks_;
  std::unique_ptr<Crew> own_;
  std::vector<Place> places_;
  RankPatience patience_;
  std::vector<Clock::time_point> heard_;  ///< [n_places], the last message
  Clock::time_point last_look_ = Clock::now(), last_sign_ = Clock::now();
  Pause pause_;
};

}  // namespace

std::unique_ptr<Crew> make_rank_crew(parallel::Ranks& ranks, std::unique_ptr<Crew> own, std::vector<Place> others,
                                     RankPatience patience) {
  return std::make_unique<RankCrew>(ranks, std::move(own), std::move(others), patience);
}

void end_ranks(parallel::Ranks& ranks, int status) {
  for (int rank = 1; rank < ranks.size(); ++rank) ranks.send(rank, pack_end(status));
}

int serve_rank(parallel::Ranks& ranks, Crew& own, RankPatience patience) {
  Clock::time_point heard = Clock::now(), last_sign = Clock::now();
  Pause pause;
  while (true) {
    while (const std::optional<parallel::RankMessage> message = ranks.receive()) {
      heard = Clock::now();
      pause.reset();
      const RankMessageKind kind = kind_of(message->bytes);
      if (kind == RankMessageKind::end) return unpack_end(message->bytes);
      if (kind == RankMessageKind::chunk) own.start(0, unpack_chunk(message->bytes));
    }
    if (const std::optional<FinishedChunk> result = own.wait(pause.next())) {
      ranks.send(0, pack_result(*result));
      pause.reset();
    }
    if (seconds_since(last_sign) >= patience.sign_every_s) {
      ranks.send(0, pack_alive());
      last_sign = Clock::now();
    }
    if (const double quiet = seconds_since(heard); quiet > 10 * patience.lost_after_s) throw lost("rank 0", quiet);
  }
}

}  // namespace cellwright::evaluate
