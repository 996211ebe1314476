#pragma once
/// Ranks as a crew: rank 0 deals and evaluates as well, the others evaluate what it sends.

#include <memory>
#include <vector>

#include "cellwright/evaluate/crew.hpp"
#include "cellwright/parallel/ranks.hpp"

namespace cellwright::evaluate {

/// Signs of life between ranks.
struct RankPatience {
  double sign_every_s = 5;  ///< between two signs of life
  /// Silence after which a rank counts as lost. Rank 0, which is silent while it breeds, gets ten times as much.
  double lost_after_s = 60;
};

/// The crew of all ranks, for rank 0: place 0 is this process, place r is rank r.
/// wait() throws DistributionError "rank-lost" if a rank was silent for too long.
/// @param ranks outlives the crew. @param others what ranks 1, 2, ... said about themselves.
std::unique_ptr<Crew> make_rank_crew(parallel::Ranks& ranks, std::unique_ptr<Crew> own, std::vector<Place> others,
                                     RankPatience patience = {});

/// Tells all other ranks to end with `status`; for rank 0.
void end_ranks(parallel::Ranks& ranks, int status);

/// What a rank other than 0 does: evaluates chunks until rank 0 ends the work.
/// @returns the status that rank 0 gave. @throws DistributionError "rank-lost" if rank 0 was silent for too long.
int serve_rank(parallel::Ranks& ranks, Crew& own, RankPatience patience = {});

}  // namespace cellwright::evaluate
