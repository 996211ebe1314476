#pragma once
/// Where packs that run at the same time leave their lanes to each other once there is nothing new to run.

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace cellwright::simulate::native {

/// A step of a pack costs the same however few of its lanes still run. So a pack whose lanes all find places in others
/// leaves, and its thread is free: without that, a few cells that spike all the time keep every thread busy with one
/// lane each. What a lane gives does not depend on where it runs. For several threads; one batch.
/// @tparam Pack  has running(), the number of its lanes that run, and adopt(Pack&), which moves as many lanes of the
///   other pack as this one has places for, and returns how many.
template <class Pack>
class PackExchange {
 public:
  /// What a pack has to do.
  enum class Next { step, leave, end };

  /// @param packs  that may run at the same time @param places  of each
  PackExchange(std::size_t packs, std::size_t places) : places_(places), idle_(packs, 0) {}

  /// Called by pack `number`, which gets no new lanes, before each step: takes what others have left. If nothing runs
  /// in it, it waits for what others are about to leave.
  Next next(std::size_t number, Pack& pack) {
    std::unique_lock lock(mutex_);
    idle_.at(number) = places_ - pack.running();
    if (pack.running() == 0) left_.wait(lock, [this] { return promised_ == 0 || !packs_.empty(); });
    adopt(number, pack);
    if (pack.running() == 0) {
      idle_.at(number) = 0;
      return Next::end;
    }
    if (idle_of_others(number) < promised_ + pack.running()) return Next::step;
    idle_.at(number) = 0;
    promised_ += pack.running();
    return Next::leave;
  }

  /// The pack to which `next` said `leave`.
  void give(std::unique_ptr<Pack> pack) {
    {
      const std::lock_guard lock(mutex_);
      packs_.push_back(std::move(pack));
    }
    left_.notify_all();
  }

  /// Packs that have given all their lanes away.
  std::vector<std::unique_ptr<Pack>> take_empty() { return std::exchange(empty_, {}); }

 private:
  std::size_t idle_of_others(std::size_t number) const {
    std::size_t sum = 0;
    for (std::size_t k = 0; k < idle_.size(); ++k) sum += k == number ? 0 : idle_[k];
    return sum;
  }
  void adopt(std::size_t number, Pack& pack) {
    while (!packs_.empty() && idle_[number] > 0) {
      const std::size_t moved = pack.adopt(*packs_.back());
      promised_ -= moved;
      idle_[number] -= moved;
      if (packs_.back()->running() > 0) continue;
      empty_.push_back(std::move(packs_.back()));
      packs_.pop_back();
    }
    if (promised_ == 0) left_.notify_all();
  }

  const std::size_t places_;
  std::mutex mutex_;
  std::condition_variable left_;
  std::vector<std::size_t> idle_;  ///< places of each pack that gets no new lanes; 0 of all others
  std::size_t promised_ = 0;       ///< lanes of packs that leave, which nobody has adopted yet
  std::vector<std::unique_ptr<Pack>> packs_, empty_;
};

}  // namespace cellwright::simulate::native
